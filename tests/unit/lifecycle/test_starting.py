"""What a start says where spot nodes cannot be had."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hpcctl.errors import TerraformError
from hpcctl.lifecycle.starting import no_spot
from hpcctl.spec.model import Spot
from hpcctl.state import Phase
from tests.unit.records import RECORD, SPEC

ON_SPOT = replace(
    RECORD,
    phase=Phase.STOPPED,
    spec=replace(SPEC, compute=tuple(replace(group, spot=Spot()) for group in SPEC.compute)),
)
FULL = TerraformError("no", codes=("InsufficientInstanceCapacity",))


def test_lack_of_spot_capacity_is_said_in_plain_words() -> None:
    error = no_spot(ON_SPOT, FULL)
    assert error.message.startswith("not all spot nodes of demo can be had now: no capacity")
    assert "hpcctl stop demo" in error.hint


@pytest.mark.parametrize(
    ("record", "error"),
    [
        (replace(RECORD, phase=Phase.STOPPED), FULL),
        (replace(ON_SPOT, phase=Phase.READY), FULL),
        (ON_SPOT, TerraformError("no", codes=("UnauthorizedOperation",))),
    ],
)
def test_other_errors_stay_as_they_are(record: object, error: TerraformError) -> None:
    assert no_spot(record, error) is error  # type: ignore[arg-type]
