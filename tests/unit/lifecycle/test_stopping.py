"""What cannot be stopped."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hpcctl.errors import StateError
from hpcctl.lifecycle.stopping import require_head_that_stays
from hpcctl.spec.model import Spot
from tests.unit.records import RECORD


def test_a_head_on_spot_capacity_is_not_stopped() -> None:
    require_head_that_stays(RECORD)
    head = replace(RECORD.spec.head, spot=Spot())
    with pytest.raises(StateError, match="the head of demo is on spot capacity"):
        require_head_that_stays(replace(RECORD, spec=replace(RECORD.spec, head=head)))
