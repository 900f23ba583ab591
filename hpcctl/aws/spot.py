"""What spare capacity costs: prices of spot instances with Linux, by zone, now and before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from hpcctl.aws.cache import cache_path, keep, kept, place_of
from hpcctl.aws.prices import Price
from hpcctl.aws.session import ec2, explained
from hpcctl.errors import CloudError
from hpcctl.spec.model import Cloud

MINUTES = 10
"""For so long a price counts as the present one."""
PRODUCT = "Linux/UNIX"


@dataclass(frozen=True, kw_only=True)
class SpotPrice:
    """US dollars an hour for one instance in one zone, from the moment ``since`` (ISO 8601)."""

    instance_type: str
    zone: str
    usd: float
    since: str

    @property
    def moment(self) -> datetime:
        """``since`` as a time."""
        return datetime.fromisoformat(self.since)


def spot_price(cloud: Cloud, instance_type: str, zone: str, *, home: Path) -> Price | None:
    """An hour of a spot instance in the zone, now; None where AWS does not tell. Never raises."""
    try:
        found = spot_prices(cloud, [instance_type], home=home)
    except CloudError:
        return None
    today = datetime.now(timezone.utc).date().isoformat()
    here = [one for one in found if one.zone == zone]
    return Price(usd=here[0].usd, unit="Hrs", day=today) if here else None


def spot_prices(cloud: Cloud, types: Iterable[str] = (), *, home: Path) -> tuple[SpotPrice, ...]:
    """The present prices of these types (of all, where none is named) in all zones. CloudError as AWS has it."""
    wanted = sorted(set(types))
    path = cache_path(home, "spot", *place_of(cloud), wanted)
    before = _read(kept(path, seconds=MINUTES * 60))
    if before is not None:
        return before
    everything = _read(kept(cache_path(home, "spot", *place_of(cloud), []), seconds=MINUTES * 60))
    if everything is not None:
        return tuple(one for one in everything if one.instance_type in wanted)
    found = _latest(spot_history(cloud, wanted, since=datetime.now(timezone.utc)))
    keep(path, [asdict(one) for one in found])
    return found


def spot_history(
    cloud: Cloud, types: Iterable[str], *, since: datetime, zone: str | None = None
) -> tuple[SpotPrice, ...]:
    """Every change of price since then, and the price that was in force then; by zone, the oldest first."""
    request: dict[str, Any] = {"StartTime": since, "ProductDescriptions": [PRODUCT]}
    if chosen := list(types):
        request["InstanceTypes"] = chosen
    if zone:
        request["AvailabilityZone"] = zone
    with explained(cloud, "ask for spot prices"):
        pages = ec2(cloud).get_paginator("describe_spot_price_history").paginate(**request)
        found = {
            SpotPrice(
                instance_type=one["InstanceType"],
                zone=one["AvailabilityZone"],
                usd=float(one["SpotPrice"]),
                since=one["Timestamp"].astimezone(timezone.utc).isoformat(),
            )
            for page in pages
            for one in page["SpotPriceHistory"]
        }
    return tuple(sorted(found, key=lambda one: (one.instance_type, one.zone, one.moment, one.usd)))


@dataclass(frozen=True, kw_only=True)
class ZoneSummary:
    """The prices of one zone over a time: the last one, the mean of all hours, the lowest and the highest."""

    zone: str
    current: float
    mean: float
    lowest: float
    highest: float
    changes: tuple[SpotPrice, ...]


def by_zone(history: Iterable[SpotPrice], *, since: datetime, until: datetime) -> tuple[ZoneSummary, ...]:
    """What ``spot_history`` tells of one type, for each zone; a price counts for as long as it was in force."""
    zones: dict[str, list[SpotPrice]] = {}
    for one in history:
        if one.moment < until:
            zones.setdefault(one.zone, []).append(one)
    return tuple(_summary(zones[zone], since, until) for zone in sorted(zones))


def _summary(changes: list[SpotPrice], since: datetime, until: datetime) -> ZoneSummary:
    begins = [max(one.moment, since) for one in changes]
    hours = [(end - begin).total_seconds() for begin, end in zip(begins, [*begins[1:], until], strict=True)]
    valid = [(one.usd, time) for one, time in zip(changes, hours, strict=True) if time > 0]
    prices = [usd for usd, _ in valid]
    return ZoneSummary(
        zone=changes[0].zone,
        current=changes[-1].usd,
        mean=sum(usd * time for usd, time in valid) / sum(time for _, time in valid),
        lowest=min(prices),
        highest=max(prices),
        changes=tuple(changes),
    )


def _latest(history: Iterable[SpotPrice]) -> tuple[SpotPrice, ...]:
    """Of each type and zone the last word."""
    return tuple({(one.instance_type, one.zone): one for one in history}.values())


def _read(content: Any) -> tuple[SpotPrice, ...] | None:
    try:
        return tuple(
            SpotPrice(
                instance_type=str(one["instance_type"]),
                zone=str(one["zone"]),
                usd=float(one["usd"]),
                since=datetime.fromisoformat(one["since"]).isoformat(),
            )
            for one in content
        )
    except (ValueError, KeyError, TypeError):
        return None
