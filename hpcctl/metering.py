"""For how long a cluster has run, and what that has cost, from its own record."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

from hpcctl.state import HOURS_A_MONTH, ClusterRecord, Running

_HOUR = 3600.0


def started(record: ClusterRecord, now: datetime | None = None) -> ClusterRecord:
    """The record of a cluster whose machines run from now on; unchanged where they ran before."""
    closed = _ended(record, _now(now))
    if _is_open(closed):
        return closed
    return replace(closed, usage=(*closed.usage, Running(since=_text(_now(now)))))


def stopped(record: ClusterRecord, now: datetime | None = None) -> ClusterRecord:
    """The record of a cluster whose machines run no longer."""
    if not _is_open(record):
        return record
    last = replace(record.usage[-1], until=_text(_last_moment(record, _now(now))))
    return replace(record, usage=(*record.usage[:-1], last))


def hours_of(record: ClusterRecord, now: datetime | None = None) -> float:
    """How many hours its machines have run."""
    present = _now(now)
    return sum(max(_seconds(one, record, present), 0.0) for one in record.usage) / _HOUR


def cost_of(record: ClusterRecord, now: datetime | None = None) -> float | None:
    """US dollars since it was made, at the prices of that day; None where one of them was not known."""
    rates = record.rates
    if rates is None or rates.usd_hour is None or rates.usd_month is None:
        return None
    age = (_now(now) - datetime.fromisoformat(record.created)).total_seconds() / _HOUR
    return hours_of(record, now) * rates.usd_hour + max(age, 0.0) / HOURS_A_MONTH * rates.usd_month


def _ended(record: ClusterRecord, now: datetime) -> ClusterRecord:
    """A time of running that the machines have ended by themselves is closed."""
    return stopped(record, now) if _last_moment(record, now) < now else record


def _is_open(record: ClusterRecord) -> bool:
    return bool(record.usage) and record.usage[-1].until is None


def _last_moment(record: ClusterRecord, now: datetime) -> datetime:
    """Until when machines that nobody has stopped may have run: no longer than their lifetime."""
    if record.expires is None:
        return now
    return min(now, datetime.fromisoformat(record.expires))


def _seconds(one: Running, record: ClusterRecord, now: datetime) -> float:
    until = datetime.fromisoformat(one.until) if one.until else _last_moment(record, now)
    return (until - datetime.fromisoformat(one.since)).total_seconds()


def _now(given: datetime | None) -> datetime:
    return given or datetime.now(timezone.utc)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
