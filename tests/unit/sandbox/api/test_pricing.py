"""The Price List as AWS answers: filters, pages, steps."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from hpcctl.sandbox.api.listprices import usd_an_hour

RUNNING = {
    "regionCode": "us-east-1",
    "operatingSystem": "Linux",
    "preInstalledSw": "NA",
    "tenancy": "Shared",
    "capacitystatus": "Used",
}


def filters(wanted: dict[str, str]) -> list[dict[str, str]]:
    return [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in wanted.items()]


def test_all_instances_come_in_pages(connect: Callable[[str], Any]) -> None:
    asked = connect("pricing").get_paginator("get_products")
    pages = list(asked.paginate(ServiceCode="AmazonEC2", Filters=filters(RUNNING)))
    assert [len(page["PriceList"]) for page in pages[:-1]] == [100] * (len(pages) - 1)
    kinds = [
        json.loads(text)["product"]["attributes"]["instanceType"]
        for page in pages
        for text in page["PriceList"]
    ]
    assert len(kinds) == len(set(kinds)) > 200
    assert {"c5.18xlarge", "t3.micro", "p4d.24xlarge"} <= set(kinds)


def test_another_region_has_no_prices(connect: Callable[[str], Any]) -> None:
    wanted = filters({**RUNNING, "regionCode": "eu-central-1"})
    assert connect("pricing").get_products(ServiceCode="AmazonEC2", Filters=wanted)["PriceList"] == []


def test_a_token_that_nobody_gave_is_refused(connect: Callable[[str], Any]) -> None:
    with pytest.raises(ClientError, match="InvalidNextTokenException"):
        connect("pricing").get_products(ServiceCode="AmazonEC2", NextToken="x")


def test_storage_of_s3_has_steps(connect: Callable[[str], Any]) -> None:
    found = connect("pricing").get_products(ServiceCode="AmazonS3")["PriceList"]
    terms = json.loads(found[0])["terms"]["OnDemand"]
    steps = [step for term in terms.values() for step in term["priceDimensions"].values()]
    assert [(step["beginRange"], step["endRange"]) for step in steps] == [
        ("0", "51200"),
        ("51200", "512000"),
        ("512000", "Inf"),
    ]


@pytest.mark.parametrize(
    ("kind", "usd"),
    [
        ("c5.large", "0.085"),
        ("c5.18xlarge", "3.06"),
        ("c5n.18xlarge", "3.888"),
        ("c7g.medium", "0.03625"),
        ("g5.48xlarge", "16.288"),
        ("t3.micro", "0.0104"),
    ],
)
def test_prices_are_those_of_the_list(kind: str, usd: str) -> None:
    assert usd_an_hour(kind) == Decimal(usd)


@pytest.mark.parametrize("kind", ["c5.metal", "u-6tb1.56xlarge", "nonsense", "c5.", "c5.huge"])
def test_what_is_not_in_the_list_has_no_price(kind: str) -> None:
    assert usd_an_hour(kind) is None
