"""Hours of running, and what they cost, from the record alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from hpcctl.metering import cost_of, hours_of, started, stopped
from hpcctl.state import ClusterRecord, Rates, Running
from tests.unit.records import RECORD

MADE = datetime(2026, 1, 2, 12, tzinfo=timezone.utc)
MADE_RECORD = replace(
    RECORD, created=MADE.isoformat(), rates=Rates(usd_hour=2.0, usd_month=73.0, day="2026-01-02")
)


def after(hours: float) -> datetime:
    return MADE + timedelta(hours=hours)


def test_hours_are_those_between_start_and_stop() -> None:
    record = started(stopped(started(MADE_RECORD, after(0)), after(2)), after(5))
    assert hours_of(record, after(6)) == pytest.approx(3)
    assert hours_of(stopped(record, after(5.5)), after(100)) == pytest.approx(2.5)


def test_to_say_it_twice_changes_nothing() -> None:
    record = started(MADE_RECORD, after(0))
    assert started(record, after(1)) == record
    done = stopped(record, after(2))
    assert stopped(done, after(3)) == done
    assert stopped(MADE_RECORD, after(1)) == MADE_RECORD


def test_machines_that_ended_by_themselves_cost_no_longer() -> None:
    record = replace(started(MADE_RECORD, after(0)), expires=after(4).isoformat())
    assert hours_of(record, after(40)) == pytest.approx(4)
    again = started(record, after(40))
    assert again.usage[0] == Running(since=after(0).isoformat(), until=after(4).isoformat())
    assert len(again.usage) == 2


def test_disks_cost_while_the_cluster_is_there_and_machines_while_they_run() -> None:
    record = stopped(started(MADE_RECORD, after(0)), after(10))
    assert cost_of(record, after(730)) == pytest.approx(10 * 2.0 + 73.0)


@pytest.mark.parametrize("rates", [None, Rates(usd_hour=None, usd_month=1.0, day="")])
def test_what_is_not_known_is_not_guessed(rates: Rates | None) -> None:
    assert cost_of(replace(started(MADE_RECORD, after(0)), rates=rates), after(1)) is None


def test_a_record_with_hours_comes_back_as_it_was() -> None:
    record = stopped(started(MADE_RECORD, after(0)), after(2))
    assert ClusterRecord.from_json(record.to_json()) == record
