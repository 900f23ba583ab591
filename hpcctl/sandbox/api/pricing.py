"""The Price List API, which moto lacks: GetProducts, from list prices of a known day in ``prices.json``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

TARGET = "AWSPriceListService."
"""How a request's header X-Amz-Target begins."""

_PRICES = Path(__file__).with_name("prices.json")


def answer(target: str, body: bytes, start_response: Callable[..., Any]) -> list[bytes]:
    """One request's answer, as JSON; errors have the shape that AWS gives them."""
    action = target.removeprefix(TARGET)
    if action == "GetProducts":
        status, content = "200 OK", _products(json.loads(body or b"{}"))
    else:
        message = f"not in the sandbox: {action}"
        status, content = "400 Bad Request", {"__type": "InvalidParameterException", "message": message}
    text = json.dumps(content).encode()
    headers = [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(text)))]
    start_response(status, headers)
    return [text]


def _products(request: Mapping[str, Any]) -> dict[str, Any]:
    wanted = [(each["Field"], str(each["Value"]).lower()) for each in request.get("Filters", ())]
    found = [
        product
        for product in _known()["products"]
        if product["service"] == request.get("ServiceCode")
        and all(_attribute(product, field) == value for field, value in wanted)
    ]
    return {"FormatVersion": "aws_v1", "PriceList": [json.dumps(_shown(product)) for product in found]}


def _attribute(product: Mapping[str, Any], field: str) -> str:
    if field == "productFamily":
        return str(product["family"]).lower()
    return str(product["attributes"].get(field, "")).lower()


def _shown(product: Mapping[str, Any]) -> dict[str, Any]:
    """A product as AWS shows it; its number is made of what it is."""
    attributes = {"servicecode": product["service"], **product["attributes"]}
    sku = hashlib.sha256(json.dumps(attributes, sort_keys=True).encode()).hexdigest()[:16].upper()
    dimension = {
        "unit": product["unit"],
        "beginRange": "0",
        "endRange": "Inf",
        "description": f"${product['usd']} per {product['unit']}",
        "pricePerUnit": {"USD": product["usd"]},
    }
    offer = {"sku": sku, "priceDimensions": {f"{sku}.ONDEMAND.RATE": dimension}, "termAttributes": {}}
    shown = {"sku": sku, "attributes": attributes}
    if product["family"]:
        shown["productFamily"] = product["family"]
    return {
        "product": shown,
        "serviceCode": product["service"],
        "terms": {"OnDemand": {f"{sku}.ONDEMAND": offer}},
        "publicationDate": f"{_known()['as_of']}T00:00:00Z",
    }


@lru_cache(maxsize=1)
def _known() -> dict[str, Any]:
    prices: dict[str, Any] = json.loads(_PRICES.read_text(encoding="utf-8"))
    return prices
