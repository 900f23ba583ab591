"""What still costs money while nothing runs, per month, at AWS's list prices."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hpcctl.aws import holdings, items, prices
from hpcctl.aws.items import Part
from hpcctl.errors import CloudError
from hpcctl.state import HOURS_A_MONTH, ClusterRecord


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
    parts = [*(part for one in volumes for part in _parts(one)), *(_address_part() for _ in addresses)]
    known = prices.prices_of(record.cloud, (part.item for part in parts), home=home)
    found = [
        _volumes("/share", [one for one in volumes if one.volume_id == share], known),
        _volumes("the nodes' disks", [one for one in volumes if one.volume_id != share], known),
        *(_address(one, known) for one in addresses),
    ]
    return Costs(items=tuple(one for one in found if one), day=known.day)


def _parts(volume: holdings.Volume) -> tuple[Part, ...]:
    return items.volume_parts(volume.volume_type, volume.gib, iops=volume.iops, throughput=volume.throughput)


def _address_part() -> Part:
    return Part(item=items.idle_address(), amount=HOURS_A_MONTH)


def _volumes(what: str, volumes: list[holdings.Volume], known: prices.Prices) -> Cost | None:
    if not volumes:
        return None
    kinds = sorted({one.volume_type for one in volumes})
    sizes = {kind: sum(one.gib for one in volumes if one.volume_type == kind) for kind in kinds}
    amount = " + ".join(f"{sizes[kind]} GB {kind}" for kind in kinds)
    if len(volumes) > 1:
        amount += f" ({len(volumes)} volumes)"
    return Cost(what=what, amount=amount, usd=known.total(part for one in volumes for part in _parts(one)))


def _address(address: holdings.Address, known: prices.Prices) -> Cost:
    return Cost(
        what=f"Elastic IP {address.public_ip}", amount="1 address", usd=known.total([_address_part()])
    )
