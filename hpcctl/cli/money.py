"""What a cluster costs and has cost, from its record, as people and programs read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hpcctl.cli.words import duration
from hpcctl.metering import cost_of, hours_of

if TYPE_CHECKING:
    from hpcctl.state import ClusterRecord

UNKNOWN = "unknown"


def dollars(usd: float | None, digits: int = 2) -> str:
    """$0.17; unknown, where it is; a dash for what costs nothing."""
    if usd is None:
        return UNKNOWN
    return f"${usd:,.{digits}f}" if usd else "-"


def usd_hour(record: ClusterRecord) -> float | None:
    """For an hour in which it runs, disks included."""
    return record.rates.usd_hour_running if record.rates else None


def price_line(record: ClusterRecord) -> str:
    """By the hour and, stopped, by the month; and of which day these prices are."""
    rates = record.rates
    if rates is None:
        return UNKNOWN
    stopped = dollars(rates.usd_month)
    of = f" (prices of {rates.day})" if rates.day else ""
    return f"{dollars(usd_hour(record), 3)} an hour; {stopped} a month while it is stopped{of}"


def cost_line(record: ClusterRecord) -> str:
    """Since it was made."""
    return f"{dollars(cost_of(record))} ({duration(hours_of(record) * 3600)} of running)"


def money_json(record: ClusterRecord | None) -> dict[str, Any]:
    """What is not known is null."""
    rates = record.rates if record else None
    cost = cost_of(record) if record else None
    return {
        "usd_an_hour": usd_hour(record) if record else None,
        "usd_a_month_stopped": rates.usd_month if rates else None,
        "hours_running": round(hours_of(record), 3) if record else None,
        "usd_so_far": round(cost, 4) if cost is not None else None,
        "prices_of": rates.day or None if rates else None,
    }
