"""What still costs money while nothing runs, per month, at AWS's list prices."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hpcctl.aws import holdings, prices
from hpcctl.errors import CloudError
from hpcctl.state import ClusterRecord


@dataclass(frozen=True, kw_only=True)
class Cost:
    """One thing that costs money: how much of it there is; ``usd`` a month is None where it is not known."""

    what: str
    amount: str
    usd: float | None


@dataclass(frozen=True, kw_only=True)
class Costs:
    """All of them. ``day``: when the prices were asked; empty where none is known. ``problem``: why nothing is."""

    items: tuple[Cost, ...] = ()
    day: str = ""
    problem: str = ""

    @property
    def usd(self) -> float | None:
        """The sum for a month; None where a price is not known."""
        known = [item.usd for item in self.items if item.usd is not None]
        return sum(known) if len(known) == len(self.items) else None


def standing_costs(record: ClusterRecord, *, home: Path) -> Costs:
    """For a cluster that is stopped: volumes, and Elastic IP addresses. Never raises: costs are no reason to fail."""
    hosts = record.inventory.hosts if record.inventory else ()
    try:
        volumes = holdings.volumes_of(record.cloud, record.cluster_id)
        addresses = holdings.addresses_of(record.cloud, frozenset(host.instance_id for host in hosts))
    except CloudError as error:
        return Costs(problem=error.message)
    share = record.inventory.share_volume_id if record.inventory else ""
    found = {kind: prices.price(record.cloud, prices.volume(kind), home=home) for kind in _kinds(volumes)}
    items = [
        _volumes("/share", [one for one in volumes if one.volume_id == share], found),
        _volumes("the nodes' disks", [one for one in volumes if one.volume_id != share], found),
    ]
    address = prices.price(record.cloud, prices.idle_address(), home=home) if addresses else None
    items += [_address(one, address) for one in addresses]
    days = [one.day for one in (*found.values(), address) if one]
    return Costs(items=tuple(item for item in items if item), day=min(days, default=""))


def _kinds(volumes: tuple[holdings.Volume, ...]) -> tuple[str, ...]:
    return tuple(sorted({one.volume_type for one in volumes}))


def _volumes(what: str, volumes: list[holdings.Volume], found: dict[str, prices.Price | None]) -> Cost | None:
    if not volumes:
        return None
    kinds = _kinds(tuple(volumes))
    sizes = {kind: sum(one.gib for one in volumes if one.volume_type == kind) for kind in kinds}
    amount = " + ".join(f"{sizes[kind]} GB {kind}" for kind in kinds)
    if len(volumes) > 1:
        amount += f" ({len(volumes)} volumes)"
    each = [(sizes[kind], found[kind]) for kind in kinds]
    usd = sum(gib * one.usd for gib, one in each if one) if all(one for _, one in each) else None
    return Cost(what=what, amount=amount, usd=usd)


def _address(address: holdings.Address, hourly: prices.Price | None) -> Cost:
    return Cost(
        what=f"Elastic IP {address.public_ip}",
        amount="1 address",
        usd=hourly.usd * prices.HOURS_A_MONTH if hourly else None,
    )
