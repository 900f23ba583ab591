"""Prices of spot capacity: made up, plausible, and the same whenever one asks for the same moment.

A price is a share of the list price; it changes every few hours, at moments and by amounts that follow from the names
of type and zone alone. A type without a list price has none.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from hpcctl.sandbox.api.listprices import REGION, usd_an_hour

STEP = timedelta(hours=6)
LEAST, MOST = 0.30, 0.60
"""Of the list price."""
KEPT = timedelta(days=90)
"""For so long AWS remembers."""
_EPOCH = datetime(2020, 1, 1, tzinfo=timezone.utc)
_SMALLEST = Decimal("0.0001")


@dataclass(frozen=True, kw_only=True)
class Change:
    """From this moment on an hour costs ``usd``."""

    at: datetime
    usd: Decimal


def present(instance_type: str, zone: str, now: datetime) -> Decimal | None:
    """What an hour costs at this moment, or None."""
    return next((change.usd for change in history(instance_type, zone, since=now, until=now)), None)


def history(instance_type: str, zone: str, *, since: datetime, until: datetime) -> Iterator[Change]:
    """The changes up to ``until``, the latest first, down to the one that was in force at ``since``."""
    listed = usd_an_hour(instance_type) if zone.startswith(REGION) else None
    if listed is None:
        return
    number = (until - _EPOCH) // STEP
    while True:
        at = _moment(instance_type, zone, number)
        if at <= until:
            yield Change(at=at, usd=_usd(listed, instance_type, zone, number))
            if at <= since:
                return
        number -= 1


def _moment(instance_type: str, zone: str, number: int) -> datetime:
    within = _chance(instance_type, zone, f"when {number}") * STEP.total_seconds() * 0.8
    return _EPOCH + number * STEP + timedelta(seconds=int(within))


def _usd(listed: Decimal, instance_type: str, zone: str, number: int) -> Decimal:
    usual = LEAST + 0.08 + 0.14 * _chance(instance_type, zone, "usual")
    tide = 0.05 * math.sin(2 * math.pi * (number / 28 + _chance(instance_type, zone, "tide")))
    wave = 0.06 * (_chance(instance_type, zone, f"wave {number}") - 0.5)
    share = min(max(usual + tide + wave, LEAST), MOST)
    return (listed * Decimal(str(share))).quantize(_SMALLEST)


def _chance(*words: str) -> float:
    """Between 0 and 1, always the same for the same words."""
    return int.from_bytes(hashlib.sha256(" ".join(words).encode()).digest()[:4], "big") / 2**32
