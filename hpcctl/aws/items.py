"""What has a price, as AWS's Price List names it, and how much of it a thing takes."""

from __future__ import annotations

from dataclasses import dataclass

FREE_IOPS = 3000
"""Of each gp3 volume."""
FREE_THROUGHPUT = 125
"""MiB/s, of each gp3 volume."""
_IO2_STEPS = ((32_000, "io2"), (64_000, "io2.tier2"), (10**9, "io2.tier3"))
"""Up to which number of IOPS each step goes; the further ones are cheaper."""
_USAGE = {"io1": "EBS:VolumeUsage.piops", "standard": "EBS:VolumeUsage"}
"""Where the usage type does not end with the name of the volume's type."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """Something with a price: the service, what picks the product there, and its usage type."""

    service: str
    attributes: tuple[tuple[str, str], ...]
    usage: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class Part:
    """So much of an item, in the item's unit."""

    item: Item
    amount: float


def volume(volume_type: str) -> Item:
    """A GiB of an EBS volume for a month."""
    return Item(
        service="AmazonEC2",
        attributes=(("productFamily", "Storage"), ("volumeApiName", volume_type)),
        usage=_USAGE.get(volume_type, f"EBS:VolumeUsage.{volume_type}"),
        unit="GB-month" if volume_type == "io2" else "GB-Mo",
    )


def volume_parts(
    volume_type: str, gib: int, *, iops: int | None = None, throughput: int | None = None
) -> tuple[Part, ...]:
    """All that a volume costs in a month: its size, and IOPS and throughput (MiB/s) that are not free."""
    size = Part(item=volume(volume_type), amount=gib)
    if volume_type == "gp3":
        return (size, *_gp3_parts(iops or 0, throughput or 0))
    if volume_type == "io1":
        return (size, Part(item=_iops("io1", "piops"), amount=iops or 0))
    if volume_type == "io2":
        return (size, *_io2_parts(iops or 0))
    return (size,)


def bucket() -> Item:
    """A GB in S3's standard storage for a month, at the price of the first 50 TB."""
    return Item(
        service="AmazonS3",
        attributes=(("productFamily", "Storage"), ("volumeType", "Standard")),
        usage="TimedStorage-ByteHrs",
        unit="GB-Mo",
    )


def idle_address() -> Item:
    """An hour of a public IPv4 address that one keeps while nothing uses it."""
    return _address("PublicIPv4:IdleAddress")


def used_address() -> Item:
    """An hour of a public IPv4 address of an instance that runs."""
    return _address("PublicIPv4:InUseAddress")


def _address(usage: str) -> Item:
    attributes = (("group", "VPCPublicIPv4Address"),)
    return Item(service="AmazonVPC", attributes=attributes, usage=usage, unit="Hrs")


RUNNING = (
    ("operatingSystem", "Linux"),
    ("preInstalledSw", "NA"),
    ("tenancy", "Shared"),
    ("capacitystatus", "Used"),
)
"""What picks instances with Linux, on demand, on hardware that others share."""


def running(instance_type: str) -> Item:
    """An hour of an instance with Linux, on demand."""
    return Item(
        service="AmazonEC2",
        attributes=(("instanceType", instance_type), *RUNNING),
        usage=f"BoxUsage:{instance_type}",
        unit="Hrs",
    )


def _gp3_parts(iops: int, throughput: int) -> tuple[Part, ...]:
    parts = []
    if iops > FREE_IOPS:
        parts.append(Part(item=_iops("gp3", "gp3"), amount=iops - FREE_IOPS))
    if throughput > FREE_THROUGHPUT:
        # AWS counts it in GiB/s
        parts.append(Part(item=_throughput(), amount=(throughput - FREE_THROUGHPUT) / 1024))
    return tuple(parts)


def _io2_parts(iops: int) -> tuple[Part, ...]:
    parts, below = [], 0
    for most, usage in _IO2_STEPS:
        amount = min(iops, most) - below
        if amount > 0:
            parts.append(Part(item=_iops("io2", usage), amount=amount))
        below = most
    return tuple(parts)


def _iops(volume_type: str, usage: str) -> Item:
    return Item(
        service="AmazonEC2",
        attributes=(("productFamily", "System Operation"), ("volumeApiName", volume_type)),
        usage=f"EBS:VolumeP-IOPS.{usage}",
        unit="IOPS-Mo",
    )


def _throughput() -> Item:
    return Item(
        service="AmazonEC2",
        attributes=(("productFamily", "Provisioned Throughput"), ("volumeApiName", "gp3")),
        usage="EBS:VolumeP-Throughput.gp3",
        unit="GiBps-mo",
    )
