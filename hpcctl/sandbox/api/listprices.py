"""List prices of a known day, from ``prices.json``; what is not in it has no price here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS, INSTANCE_TYPES

REGION = "us-east-1"
"""The only region whose prices are known."""
_PRICES = Path(__file__).with_name("prices.json")
_SIZE = re.compile(r"(?P<times>\d*)xlarge")
_PARTS = {"medium": Decimal("0.25"), "large": Decimal("0.5")}
"""Of an xlarge; smaller sizes and machines of metal have prices of their own kind."""


def as_of() -> str:
    """The day of the prices."""
    return str(_known()["as_of"])


def products() -> tuple[Mapping[str, Any], ...]:
    """Everything with a price: its service, family, attributes, unit and steps (``from``, ``usd``)."""
    return _products()


def usd_an_hour(instance_type: str) -> Decimal | None:
    """What an instance with Linux costs on demand, or None."""
    own = _known()["an_hour"]["types"].get(instance_type)
    if own:
        return Decimal(own)
    family, _, size = instance_type.partition(".")
    base = _known()["an_hour"]["families"].get(family)
    times = _xlarges(size)
    return Decimal(base) * times if base and times else None


def _xlarges(size: str) -> Decimal | None:
    match = _SIZE.fullmatch(size)
    return Decimal(match["times"] or 1) if match else _PARTS.get(size)


@lru_cache(maxsize=1)
def _products() -> tuple[Mapping[str, Any], ...]:
    listed = ({**one, "steps": one.get("steps") or _one_step(one["usd"])} for one in _known()["products"])
    return (*listed, *_instances())


def _instances() -> Iterator[Mapping[str, Any]]:
    offered = {offer["InstanceType"] for offer in INSTANCE_TYPE_OFFERINGS["region"][REGION]}
    for name in sorted(offered & INSTANCE_TYPES.keys()):
        usd = usd_an_hour(name)
        if usd is not None:
            yield {
                "service": "AmazonEC2",
                "family": "Compute Instance",
                "attributes": {
                    "regionCode": REGION,
                    "location": "US East (N. Virginia)",
                    "instanceType": name,
                    "operatingSystem": "Linux",
                    "preInstalledSw": "NA",
                    "tenancy": "Shared",
                    "capacitystatus": "Used",
                    "usagetype": f"BoxUsage:{name}",
                },
                "unit": "Hrs",
                "steps": _one_step(f"{usd:.10f}"),
            }


def _one_step(usd: str) -> list[dict[str, str]]:
    return [{"from": "0", "usd": usd}]


@lru_cache(maxsize=1)
def _known() -> dict[str, Any]:
    prices: dict[str, Any] = json.loads(_PRICES.read_text(encoding="utf-8"))
    return prices
