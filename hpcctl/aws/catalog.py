"""The instance types that a region offers: what they are, where they are, what they cost. Kept for a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from hpcctl.aws.cache import FOLDER, cache_path, keep, kept, place_of
from hpcctl.aws.items import RUNNING, running
from hpcctl.aws.prices import dollars, products
from hpcctl.aws.session import ec2, explained
from hpcctl.errors import CloudError, UnreachableError
from hpcctl.spec.model import Cloud

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import InstanceTypeInfoTypeDef

HOURS = 24
_KIND = "types"
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One instance type in one region. ``network`` in AWS's words; ``usd``: an hour with Linux, on demand, if known."""

    name: str
    vcpus: int
    cores: int
    memory_mib: int
    network: str
    efa: bool
    architecture: str
    gpus: str
    spot: bool
    zones: tuple[str, ...]
    usd: float | None


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """All of them by name. ``day``: when it was asked (ISO 8601); ``notes``: what is not known, and why."""

    region: str
    day: str
    offers: tuple[Offer, ...]
    notes: tuple[str, ...] = ()


def catalog(cloud: Cloud, *, home: Path) -> Catalog:
    """What is kept of today, else what AWS says. CloudError where it does not even say what types there are."""
    path = cache_path(home, _KIND, *place_of(cloud))
    found = _remembered(path)
    if found is None:
        found = _asked(cloud)
        keep(path, asdict(found))
    return found


def cached_type_names(home: Path) -> tuple[str, ...]:
    """The names in whatever catalogs are kept, however old; asks nobody."""
    catalogs = (_read(kept(path)) for path in (home / FOLDER).glob(f"{_KIND}-*.json"))
    return tuple(sorted({offer.name for found in catalogs if found for offer in found.offers}))


def _remembered(path: Path) -> Catalog | None:
    """What was closed to us is asked for again after an hour."""
    whole = _read(kept(path, seconds=HOURS * 3600))
    if whole is None or not whole.notes:
        return whole
    return _read(kept(path, seconds=3600))


def _asked(cloud: Cloud) -> Catalog:
    with ThreadPoolExecutor(3) as pool:
        types = pool.submit(_types, cloud)
        offered = pool.submit(_zones, cloud)
        listed = pool.submit(_prices, cloud)
        infos = types.result()
        notes: list[str] = []
        zones = _or_note(offered, "in which zones the types are", notes)
        prices = _or_note(listed, "prices", notes)
    here = [info for info in infos if zones is None or info["InstanceType"] in zones]
    offers = (_offer(info, zones or {}, prices or {}) for info in here)
    return Catalog(
        region=cloud.region,
        day=datetime.now(timezone.utc).date().isoformat(),
        offers=tuple(sorted(offers, key=lambda offer: offer.name)),
        notes=tuple(notes),
    )


def _or_note(asked: Future[T], what: str, notes: list[str]) -> T | None:
    try:
        return asked.result()
    except UnreachableError as error:
        notes.append(f"{what}: unknown ({error.message})")
    except CloudError as error:
        notes.append(f"{what}: unknown ({error.message}{f'; {error.hint}' if error.hint else ''})")
    return None


def _types(cloud: Cloud) -> list[InstanceTypeInfoTypeDef]:
    with explained(cloud, "list the instance types"):
        pages = (
            ec2(cloud).get_paginator("describe_instance_types").paginate(PaginationConfig={"PageSize": 100})
        )
        return [info for page in pages for info in page["InstanceTypes"]]


def _zones(cloud: Cloud) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    with explained(cloud, "list where the instance types are offered"):
        pages = ec2(cloud).get_paginator("describe_instance_type_offerings")
        for page in pages.paginate(LocationType="availability-zone", PaginationConfig={"PageSize": 1000}):
            for offer in page["InstanceTypeOfferings"]:
                found.setdefault(offer["InstanceType"], []).append(offer["Location"])
    return {name: tuple(sorted(zones)) for name, zones in found.items()}


def _prices(cloud: Cloud) -> dict[str, float]:
    """By type; a type with two prices has none, for one of them is of something else."""
    found: dict[str, set[float]] = {}
    for product in products(cloud, "AmazonEC2", {"regionCode": cloud.region, **dict(RUNNING)}):
        name = str(product["product"]["attributes"].get("instanceType", ""))
        found.setdefault(name, set()).update(dollars(product, running(name)))
    return {name: usd.pop() for name, usd in found.items() if len(usd) == 1}


def _offer(
    info: InstanceTypeInfoTypeDef, zones: Mapping[str, tuple[str, ...]], prices: Mapping[str, float]
) -> Offer:
    name, processor, network = info["InstanceType"], info["VCpuInfo"], info.get("NetworkInfo", {})
    return Offer(
        name=name,
        vcpus=processor["DefaultVCpus"],
        cores=processor.get("DefaultCores", processor["DefaultVCpus"]),
        memory_mib=info["MemoryInfo"]["SizeInMiB"],
        network=network.get("NetworkPerformance", ""),
        efa=bool(network.get("EfaSupported")),
        architecture=_architecture(info["ProcessorInfo"].get("SupportedArchitectures", [])),
        gpus=", ".join(_gpus(info)),
        spot="spot" in info.get("SupportedUsageClasses", ()),
        zones=zones.get(name, ()),
        usd=prices.get(name),
    )


def _architecture(supported: list[Any]) -> str:
    return next((one for one in ("x86_64", "arm64") if one in supported), ", ".join(supported))


def _gpus(info: InstanceTypeInfoTypeDef) -> Iterator[str]:
    for gpu in info.get("GpuInfo", {}).get("Gpus", ()):
        yield f"{gpu.get('Count', 1)} {gpu.get('Name', 'GPU')}"


def _read(content: Any) -> Catalog | None:
    try:
        offers = tuple(
            Offer(**{**offer, "zones": tuple(offer["zones"]), "usd": _number(offer["usd"])})
            for offer in content["offers"]
        )
        return Catalog(
            region=str(content["region"]),
            day=str(content["day"]),
            offers=offers,
            notes=tuple(map(str, content["notes"])),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
