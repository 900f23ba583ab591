"""What AWS does not find although it made it is asked for again; a real failure is told at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hpcctl.errors import TerraformError
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.lagging import ATTEMPTS, patiently
from tests.unit.test_adopting import Notes

LAG = TerraformError("terraform apply failed: key pair: reading EC2 Key Pair (x): couldn't find resource")
UNKNOWN = TerraformError("no", codes=("InvalidInstanceID.NotFound",))
REFUSED = TerraformError("no", codes=("UnauthorizedOperation",))


def _fails(calls: list[str], name: str, *errors: TerraformError) -> Callable[[], str]:
    left = list(errors)

    def call() -> str:
        calls.append(name)
        if left:
            raise left.pop(0)
        return name

    return call


def test_patiently_when_the_first_answer_lags_then_the_second_way_is_gone(tmp_path: Path) -> None:
    calls: list[str] = []
    notes = Notes()
    context = Context(home=tmp_path, progress=notes)
    made = patiently(_fails(calls, "first", LAG), _fails(calls, "again", UNKNOWN), context)
    assert (made, calls) == ("again", ["first", "again", "again"])
    assert len(notes.notes) == ATTEMPTS - 1


@pytest.mark.parametrize("errors", [(REFUSED,), (LAG,) * ATTEMPTS])
def test_patiently_when_it_goes_on_failing_then_the_error(
    tmp_path: Path, errors: tuple[TerraformError, ...]
) -> None:
    calls: list[str] = []
    fails = _fails(calls, "x", *errors)
    with pytest.raises(TerraformError) as caught:
        patiently(fails, fails, Context(home=tmp_path, progress=Notes()))
    assert caught.value is errors[-1]
    assert len(calls) == len(errors)
