"""What a cluster will cost, before it is made: list prices, and for spot capacity the price of the moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hpcctl.aws import items, prices, spot
from hpcctl.aws.items import Item, Part
from hpcctl.spec.model import SHARE, Cloud, ClusterSpec, Facts, NodeGroup, Volume
from hpcctl.state import HOURS_A_MONTH, Rates

ROOT_TYPE = "gp3"


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One thing that costs money, in US dollars; None where the price is not known.

    ``usd_hour``: for an hour in which the cluster runs; ``usd_month``: for a month, whether it runs or not.
    """

    what: str
    amount: str
    usd_hour: float | None = 0.0
    usd_month: float | None = 0.0

    @property
    def usd_hour_running(self) -> float | None:
        """For an hour of running, with its part of the month."""
        if self.usd_hour is None or self.usd_month is None:
            return None
        return self.usd_hour + self.usd_month / HOURS_A_MONTH

    @property
    def usd_month_running(self) -> float | None:
        """For a month of running without a pause."""
        return None if self.usd_hour_running is None else self.usd_hour_running * HOURS_A_MONTH


@dataclass(frozen=True, kw_only=True)
class Quote:
    """All of it. ``day``: that of the oldest price (ISO 8601), empty where none is known.

    ``bucket_usd``: a GB behind /permanent for a month; what will be there nobody knows.
    """

    charges: tuple[Charge, ...]
    bucket_usd: float | None
    day: str

    @property
    def rates(self) -> Rates:
        """The sums."""
        return Rates(
            usd_hour=_sum(tuple(one.usd_hour for one in self.charges)),
            usd_month=_sum(tuple(one.usd_month for one in self.charges)),
            day=self.day,
        )

    @property
    def usd_hour(self) -> float | None:
        """For an hour of running, disks included; None where a price is not known."""
        return self.rates.usd_hour_running

    @property
    def usd_month_running(self) -> float | None:
        """For a month of running without a pause."""
        return None if self.usd_hour is None else self.usd_hour * HOURS_A_MONTH


def quote(spec: ClusterSpec, facts: Facts, cloud: Cloud, *, home: Path) -> Quote:
    """The prices of a cluster that has passed preflight. Never raises: what AWS does not tell is not known."""
    disks = {group.name: _root_parts(group) for group in spec.groups}
    volumes = [volume for volume in (spec.share, *spec.volumes) if volume.volume_id is None]
    extra = {volume.name: _volume_parts(volume) for volume in volumes}
    wanted: list[Item] = [items.used_address(), items.bucket()]
    wanted += [items.running(group.instance_type) for group in spec.groups if not group.spot]
    wanted += [part.item for parts in (*disks.values(), *extra.values()) for part in parts]
    known = prices.prices_of(cloud, wanted, home=home)
    machines = [_machines(group, facts, cloud, known, home) for group in spec.groups]
    bucket = known.of(items.bucket())
    return Quote(
        charges=(
            *machines,
            *_addresses(spec, known),
            _root_disks(spec, {name: known.total(parts) for name, parts in disks.items()}),
            *(_volume(volume, known.total(extra[volume.name])) for volume in volumes),
        ),
        bucket_usd=bucket.usd if bucket and spec.permanent else None,
        day=known.day,
    )


def _machines(group: NodeGroup, facts: Facts, cloud: Cloud, known: prices.Prices, home: Path) -> Charge:
    if group.spot:
        one = spot.spot_price(cloud, group.instance_type, facts.zone, home=home)
    else:
        one = known.of(items.running(group.instance_type))
    market = " spot" if group.spot else ""
    return Charge(
        what=group.name,
        amount=f"{group.count} × {group.instance_type}{market}",
        usd_hour=group.count * one.usd if one else None,
    )


def _addresses(spec: ClusterSpec, known: prices.Prices) -> tuple[Charge, ...]:
    count = sum(group.count for group in spec.groups if group.public_address)
    if not count:
        return ()
    one = known.of(items.used_address())
    return (
        Charge(what="addresses", amount=f"{count} public IPv4", usd_hour=count * one.usd if one else None),
    )


def _root_parts(group: NodeGroup) -> tuple[Part, ...]:
    each = items.volume_parts(ROOT_TYPE, group.root_gib)
    return tuple(Part(item=part.item, amount=part.amount * group.count) for part in each)


def _root_disks(spec: ClusterSpec, months: Mapping[str, float | None]) -> Charge:
    """A node on spot capacity ends with its disk when the cluster is stopped."""
    gib = sum(group.count * group.root_gib for group in spec.groups)
    ending = _sum(tuple(months[group.name] for group in spec.groups if group.spot))
    return Charge(
        what="nodes' disks",
        amount=f"{gib} GB {ROOT_TYPE}",
        usd_hour=None if ending is None else ending / HOURS_A_MONTH,
        usd_month=_sum(tuple(months[group.name] for group in spec.groups if not group.spot)),
    )


def _volume_parts(volume: Volume) -> tuple[Part, ...]:
    return items.volume_parts(
        volume.volume_type, volume.gib or 0, iops=volume.iops, throughput=volume.throughput
    )


def _volume(volume: Volume, usd: float | None) -> Charge:
    what = "/share" if volume.name == SHARE else volume.mount
    return Charge(what=what, amount=f"{volume.gib} GB {volume.volume_type}", usd_month=usd)


def _sum(values: tuple[float | None, ...]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
