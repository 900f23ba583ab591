"""What the prices of spot capacity come to."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from hpcctl.aws.spot import SpotPrice, by_zone

NOW = datetime(2026, 11, 20, tzinfo=timezone.utc)
BEGIN = NOW - timedelta(hours=10)


def price(hours_ago: float, usd: float, zone: str = "us-east-1a") -> SpotPrice:
    since = NOW - timedelta(hours=hours_ago)
    return SpotPrice(instance_type="c5.xlarge", zone=zone, usd=usd, since=since.isoformat())


def test_the_mean_counts_each_price_for_its_time() -> None:
    [zone] = by_zone([price(30, 1.0), price(9, 2.0), price(1, 7.0)], since=BEGIN, until=NOW)
    assert zone.mean == pytest.approx((1 * 1.0 + 8 * 2.0 + 1 * 7.0) / 10)
    assert (zone.current, zone.lowest, zone.highest) == (7.0, 1.0, 7.0)


def test_a_price_that_was_over_before_counts_for_nothing() -> None:
    [zone] = by_zone([price(40, 9.0), price(30, 1.0), price(5, 2.0)], since=BEGIN, until=NOW)
    assert (zone.lowest, zone.highest, zone.mean) == (1.0, 2.0, pytest.approx(1.5))


def test_zones_are_apart_and_in_order() -> None:
    found = by_zone([price(20, 1.0, "us-east-1b"), price(20, 2.0)], since=BEGIN, until=NOW)
    assert [(zone.zone, zone.mean) for zone in found] == [("us-east-1a", 2.0), ("us-east-1b", 1.0)]


def test_no_prices_are_no_zones() -> None:
    assert by_zone([], since=BEGIN, until=NOW) == ()
