"""The Price List API, which moto lacks: GetProducts, page after page."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from hpcctl.sandbox.api.listprices import as_of, products

TARGET = "AWSPriceListService."
"""How a request's header X-Amz-Target begins."""
_PAGE = 100
_ENDLESS = "Inf"


def answer(target: str, body: bytes, start_response: Callable[..., Any]) -> list[bytes]:
    """One request's answer, as JSON; errors have the shape that AWS gives them."""
    action = target.removeprefix(TARGET)
    try:
        if action != "GetProducts":
            raise _Refused("InvalidParameterException", f"not in the sandbox: {action}")
        status, content = "200 OK", _page(json.loads(body or b"{}"))
    except _Refused as refusal:
        status, content = "400 Bad Request", {"__type": refusal.code, "message": str(refusal)}
    text = json.dumps(content).encode()
    headers = [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(text)))]
    start_response(status, headers)
    return [text]


class _Refused(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _page(request: Mapping[str, Any]) -> dict[str, Any]:
    wanted = [(each["Field"], str(each["Value"]).lower()) for each in request.get("Filters", ())]
    found = [
        product
        for product in products()
        if product["service"] == request.get("ServiceCode")
        and all(_attribute(product, field) == value for field, value in wanted)
    ]
    size = int(request.get("MaxResults", _PAGE))
    if not 1 <= size <= _PAGE:
        raise _Refused("InvalidParameterException", f"MaxResults must be between 1 and {_PAGE}")
    start = _place(request.get("NextToken"))
    shown = [json.dumps(_shown(product)) for product in found[start : start + size]]
    more = {"NextToken": _token(start + size)} if start + size < len(found) else {}
    return {"FormatVersion": "aws_v1", "PriceList": shown, **more}


def _token(place: int) -> str:
    return base64.b64encode(f"from {place}".encode()).decode()


def _place(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.b64decode(token, validate=True).decode().removeprefix("from "))
    except (ValueError, binascii.Error):
        raise _Refused("InvalidNextTokenException", "The pagination token is invalid.") from None


def _attribute(product: Mapping[str, Any], field: str) -> str:
    if field == "productFamily":
        return str(product["family"]).lower()
    return str(product["attributes"].get(field, "")).lower()


def _shown(product: Mapping[str, Any]) -> dict[str, Any]:
    """A product as AWS shows it; its number is made of what it is."""
    attributes = {"servicecode": product["service"], **product["attributes"]}
    sku = hashlib.sha256(json.dumps(attributes, sort_keys=True).encode()).hexdigest()[:16].upper()
    offer = {"sku": sku, "priceDimensions": _dimensions(sku, product), "termAttributes": {}}
    shown = {"sku": sku, "attributes": attributes}
    if product["family"]:
        shown["productFamily"] = product["family"]
    return {
        "product": shown,
        "serviceCode": product["service"],
        "terms": {"OnDemand": {f"{sku}.ONDEMAND": offer}},
        "publicationDate": f"{as_of()}T00:00:00Z",
    }


def _dimensions(sku: str, product: Mapping[str, Any]) -> dict[str, Any]:
    steps = product["steps"]
    ends = [*(step["from"] for step in steps[1:]), _ENDLESS]
    return {
        f"{sku}.ONDEMAND.RATE{number}": {
            "unit": product["unit"],
            "beginRange": step["from"],
            "endRange": end,
            "description": f"${step['usd']} per {product['unit']}",
            "pricePerUnit": {"USD": step["usd"]},
        }
        for number, (step, end) in enumerate(zip(steps, ends, strict=True))
    }
