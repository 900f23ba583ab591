"""What is said of a class when its clusters are made, or some are not."""

from __future__ import annotations

import pytest

from hpcctl.cli.seats import _tell
from hpcctl.cli.several import Ended
from hpcctl.errors import CloudError
from hpcctl.lifecycle.classes import Plan
from tests.unit.records import RECORD


def _failed(name: str) -> Ended[object]:
    return Ended(name=name, failure=CloudError("no capacity", hint="later"))


def test_the_way_in_is_to_one_that_is_ready(capsys: pytest.CaptureFixture[str]) -> None:
    ended = [_failed("lab-01"), Ended(name="lab-02", value=RECORD)]
    _tell("lab", Plan(requests=()), ended)  # type: ignore[arg-type]
    assert "ssh lab-02 " in capsys.readouterr().out


def test_there_is_no_way_in_where_none_is_ready(capsys: pytest.CaptureFixture[str]) -> None:
    _tell("lab", Plan(requests=()), [_failed("lab-01")])  # type: ignore[list-item]
    out = capsys.readouterr().out
    assert "ssh" not in out
    assert "hpcctl terminate lab" in out
