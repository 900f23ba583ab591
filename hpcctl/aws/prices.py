"""AWS's list prices, as its Price List API tells them. What is not known is None: nothing here is guessed.

An answer is kept for a day in ``$HPCCTL_HOME/cache``; a list price hardly ever changes. What things are asked for is in
``items.py``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from hpcctl.aws.cache import cache_path, keep, kept
from hpcctl.aws.items import Item, Part
from hpcctl.aws.session import explained, pricing
from hpcctl.errors import CloudError
from hpcctl.spec.model import Cloud

API_REGION = "us-east-1"
"""The Price List API answers there, for all regions."""
AT_A_TIME = 8
_PREFIX = r"(?:[A-Z0-9]{2,5}-)?"
"""Usage types begin with a region's letters, such as EUC1-, but in the oldest region."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """US dollars for one ``unit``, and the day on which that was asked (ISO 8601)."""

    usd: float
    unit: str
    day: str


@dataclass(frozen=True, kw_only=True)
class Prices:
    """The prices of several items; those that are not known are not in it."""

    known: tuple[tuple[Item, Price], ...] = ()

    def of(self, item: Item) -> Price | None:
        """The price, or None where it is not known."""
        return dict(self.known).get(item)

    def total(self, parts: Iterable[Part]) -> float | None:
        """What the parts cost together, each in the unit of its item; None where one price is not known."""
        found = [(part.amount, self.of(part.item)) for part in parts]
        if any(price is None for _, price in found):
            return None
        return sum(amount * price.usd for amount, price in found if price)

    @property
    def day(self) -> str:
        """When the oldest of them was asked (ISO 8601); empty where none is known."""
        return min((price.day for _, price in self.known), default="")


def prices_of(cloud: Cloud, items: Iterable[Item], *, home: Path) -> Prices:
    """The list prices of all that is asked, at the same time. Never raises: what AWS does not tell is not known."""
    wanted = tuple(dict.fromkeys(items))
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        found = list(pool.map(lambda item: price(cloud, item, home=home), wanted))
    return Prices(known=tuple((item, one) for item, one in zip(wanted, found, strict=True) if one))


def price(cloud: Cloud, item: Item, *, home: Path) -> Price | None:
    """The list price in the cloud's region; None where AWS does not tell it (no permission, no answer)."""
    today = datetime.now(timezone.utc).date().isoformat()
    path = cache_path(home, "price", cloud.endpoint_url, cloud.region, asdict(item))
    before = _remembered(path)
    if before and before.day == today:
        return before
    try:
        found = _asked(cloud, item, today)
    except CloudError:
        return before
    if found:
        keep(path, asdict(found))
    return found


def _remembered(path: Path) -> Price | None:
    data = kept(path)
    try:
        return Price(usd=float(data["usd"]), unit=str(data["unit"]), day=str(data["day"]))
    except (ValueError, KeyError, TypeError):
        return None


def _asked(cloud: Cloud, item: Item, today: str) -> Price | None:
    wanted = {"regionCode": cloud.region, **dict(item.attributes)}
    listed = products(cloud, item.service, wanted)
    found = {usd for product in listed for usd in dollars(product, item)}
    # Two prices for one thing would mean that it was not asked for exactly enough.
    return Price(usd=found.pop(), unit=item.unit, day=today) if len(found) == 1 else None


def products(cloud: Cloud, service: str, wanted: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """Every product of the Price List with these attributes, page after page. CloudError as AWS has it."""
    with explained(cloud, "ask for list prices"):
        pages = pricing(replace(cloud, region=API_REGION)).get_paginator("get_products")
        answers = pages.paginate(
            ServiceCode=service,
            FormatVersion="aws_v1",
            Filters=[{"Type": "TERM_MATCH", "Field": key, "Value": value} for key, value in wanted.items()],
        )
        for page in answers:
            yield from map(json.loads, page["PriceList"])


def dollars(product: Mapping[str, Any], item: Item) -> Iterator[float]:
    """The price of each offer, if the product is the item.

    Of one in steps (the more, the cheaper) it is that of the first step that costs anything.
    """
    usage = str(product["product"]["attributes"].get("usagetype", ""))
    if re.fullmatch(_PREFIX + re.escape(item.usage), usage) is None:
        return
    for term in product.get("terms", {}).get("OnDemand", {}).values():
        steps = [
            (float(step.get("beginRange", 0)), usd)
            for step in term["priceDimensions"].values()
            if step["unit"].lower() == item.unit.lower()
            and (usd := float(step["pricePerUnit"].get("USD", 0)))
        ]
        if steps:
            yield min(steps)[1]
