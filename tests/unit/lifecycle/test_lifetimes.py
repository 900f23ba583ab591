"""From when a cluster's lifetime counts, and who may move its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from hpcctl.cli.progress import Recorder
from hpcctl.errors import HpcctlError
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.lifetimes import counted_anew, extend, still_counting
from hpcctl.state import ClusterRecord, Phase
from hpcctl.workspace import Workspace
from tests.unit.records import RECORD

LASTING = replace(RECORD, spec=replace(RECORD.spec, lifetime_seconds=3600))


def left(record: ClusterRecord) -> float:
    assert record.expires
    return (datetime.fromisoformat(record.expires) - datetime.now(timezone.utc)).total_seconds()


def at(seconds: int) -> str:
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


def test_a_lifetime_counts_from_the_start() -> None:
    assert left(counted_anew(LASTING)) == pytest.approx(3600, abs=60)
    assert left(counted_anew(replace(LASTING, expires=at(-5)))) == pytest.approx(3600, abs=60)


def test_without_a_lifetime_nothing_ends() -> None:
    assert counted_anew(RECORD).expires is None
    assert still_counting(RECORD).expires is None


def test_a_create_that_goes_on_keeps_the_hour_unless_it_is_over() -> None:
    assert left(still_counting(replace(LASTING, expires=at(1000)))) == pytest.approx(1000, abs=60)
    assert left(still_counting(replace(LASTING, expires=at(-1000)))) == pytest.approx(3600, abs=60)


def test_the_hour_is_in_the_record() -> None:
    record = counted_anew(LASTING)
    assert ClusterRecord.from_json(record.to_json()) == record


@pytest.mark.parametrize("expires", ["soon", "2026-11-20T12:00:00"])
def test_a_record_with_another_hour_is_refused(expires: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        ClusterRecord.from_json({**LASTING.to_json(), "expires": expires})


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (replace(RECORD, phase=Phase.READY), "has no lifetime"),
        (replace(LASTING, phase=Phase.CREATING), "is unfinished"),
        (replace(LASTING, phase=Phase.STOPPED, expires=at(100)), "is stopped"),
    ],
)
def test_extend_says_why_not(tmp_path: Path, record: ClusterRecord, words: str) -> None:
    home = tmp_path / "home"
    Workspace(home=home, name="demo").save(record)
    with pytest.raises(HpcctlError, match=words):
        extend("demo", 3600, context=Context(home=home, progress=Recorder()))
