"""AWS's list prices, as its Price List API tells them. What is not known is None: nothing here is guessed.

An answer is kept for a day in ``$HPCCTL_HOME/cache``; a list price hardly ever changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from hpcctl.aws.session import explained, pricing
from hpcctl.errors import CloudError
from hpcctl.files import private_folder, write_atomically
from hpcctl.spec.model import Cloud

API_REGION = "us-east-1"
"""The Price List API answers there, for all regions."""
HOURS_A_MONTH = 730
"""As AWS's own calculator counts."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """Something with a price: the service, what picks the product there, and its usage type."""

    service: str
    attributes: tuple[tuple[str, str], ...]
    usage: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class Price:
    """US dollars for one ``unit``, and the day on which that was asked (ISO 8601)."""

    usd: float
    unit: str
    day: str


def volume(volume_type: str) -> Item:
    """A GiB of an EBS volume for a month."""
    attributes = (("productFamily", "Storage"), ("volumeApiName", volume_type))
    return Item(
        service="AmazonEC2", attributes=attributes, usage=f"EBS:VolumeUsage.{volume_type}", unit="GB-Mo"
    )


def idle_address() -> Item:
    """An hour of a public IPv4 address that one keeps while nothing uses it."""
    attributes = (("group", "VPCPublicIPv4Address"),)
    return Item(service="AmazonVPC", attributes=attributes, usage="PublicIPv4:IdleAddress", unit="Hrs")


def used_address() -> Item:
    """An hour of a public IPv4 address of an instance that runs."""
    attributes = (("group", "VPCPublicIPv4Address"),)
    return Item(service="AmazonVPC", attributes=attributes, usage="PublicIPv4:InUseAddress", unit="Hrs")


def running(instance_type: str) -> Item:
    """An hour of an instance with Linux, on demand."""
    attributes = (
        ("instanceType", instance_type),
        ("operatingSystem", "Linux"),
        ("preInstalledSw", "NA"),
        ("tenancy", "Shared"),
        ("capacitystatus", "Used"),
    )
    return Item(service="AmazonEC2", attributes=attributes, usage=f"BoxUsage:{instance_type}", unit="Hrs")


def price(cloud: Cloud, item: Item, *, home: Path) -> Price | None:
    """The list price in the cloud's region; None where AWS does not tell it (no permission, no answer)."""
    today = datetime.now(timezone.utc).date()
    path = _cache_path(cloud, item, home)
    kept = _kept(path)
    if kept and kept.day == today.isoformat():
        return kept
    try:
        found = _asked(cloud, item, today)
    except CloudError:
        return kept
    if found:
        _keep(path, found)
    return found


def _asked(cloud: Cloud, item: Item, today: date) -> Price | None:
    wanted = {"regionCode": cloud.region, **dict(item.attributes)}
    with explained(cloud, "ask for list prices"):
        pages = pricing(replace(cloud, region=API_REGION)).get_paginator("get_products")
        answers = pages.paginate(
            ServiceCode=item.service,
            FormatVersion="aws_v1",
            Filters=[{"Type": "TERM_MATCH", "Field": key, "Value": value} for key, value in wanted.items()],
        )
        products = [json.loads(text) for page in answers for text in page["PriceList"]]
    found = {usd for product in products if _is(product, item) for usd in _dollars(product, item.unit)}
    # Two prices for one thing would mean that it was not asked for exactly enough.
    return Price(usd=found.pop(), unit=item.unit, day=today.isoformat()) if len(found) == 1 else None


def _is(product: Mapping[str, Any], item: Item) -> bool:
    """Usage types begin with a region's letters, such as EUC1-, but in the oldest region."""
    usage = str(product["product"]["attributes"].get("usagetype", ""))
    return usage == item.usage or usage.endswith(f"-{item.usage}")


def _dollars(product: Mapping[str, Any], unit: str) -> Iterator[float]:
    for term in product.get("terms", {}).get("OnDemand", {}).values():
        for dimension in term["priceDimensions"].values():
            usd = float(dimension["pricePerUnit"].get("USD", 0))
            if dimension["unit"] == unit and usd:  # nothing: a free tier
                yield usd


def _cache_path(cloud: Cloud, item: Item, home: Path) -> Path:
    asked = json.dumps([cloud.endpoint_url, cloud.region, asdict(item)])
    return home / "cache" / f"price-{hashlib.sha256(asked.encode()).hexdigest()[:16]}.json"


def _kept(path: Path) -> Price | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Price(usd=float(data["usd"]), unit=str(data["unit"]), day=str(data["day"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(path: Path, found: Price) -> None:
    try:
        private_folder(path.parent)
        write_atomically(path, json.dumps(asdict(found)))
    except OSError:
        return  # it is asked again the next time
