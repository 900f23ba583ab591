"""Prices where AWS does not tell them: moto has no price list."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from hpcctl.aws import items
from hpcctl.aws.cache import cache_path, keep
from hpcctl.aws.prices import Price, Prices, price, prices_of
from hpcctl.spec.model import Cloud

ITEM = items.running("c5.xlarge")
OLD = Price(usd=0.17, unit="Hrs", day="2026-01-02")


@pytest.fixture
def remembered(cloud: Cloud, tmp_path: Path) -> Path:
    """A home in which the price is kept since long ago."""
    keep(cache_path(tmp_path, "price", cloud.endpoint_url, cloud.region, asdict(ITEM)), asdict(OLD))
    return tmp_path


def test_the_last_price_goes_on_with_its_day(cloud: Cloud, remembered: Path) -> None:
    assert price(cloud, ITEM, home=remembered) == OLD
    assert prices_of(cloud, [ITEM], home=remembered).day == "2026-01-02"


def test_another_region_has_other_prices(cloud: Cloud, remembered: Path) -> None:
    assert price(replace(cloud, region="eu-central-1"), ITEM, home=remembered) is None


@pytest.mark.parametrize(
    "text", ["", "null", "[1]", '{"asked": "2026-01-02T00:00:00+00:00", "content": {"usd": "x"}}']
)
def test_a_damaged_file_is_no_price(cloud: Cloud, remembered: Path, text: str) -> None:
    [path] = (remembered / "cache").iterdir()
    path.write_text(text)
    assert price(cloud, ITEM, home=remembered) is None


def test_a_sum_with_an_unknown_price_is_unknown() -> None:
    known = Prices(known=((ITEM, OLD),))
    one = items.Part(item=ITEM, amount=2)
    assert known.total([one]) == pytest.approx(0.34)
    assert known.total([one, items.Part(item=items.used_address(), amount=1)]) is None
    assert (known.total([]), Prices().day) == (0, "")
