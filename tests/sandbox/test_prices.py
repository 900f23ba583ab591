"""Prices from the API to the table: asked at once, kept, shown, never guessed."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from hpcctl import sandbox
from hpcctl.aws import items
from hpcctl.aws.prices import Price, price, prices_of
from hpcctl.aws.quotas import quota_key, vcpu_quotas
from hpcctl.aws.spot import spot_price
from hpcctl.sandbox.client import SandboxClient
from hpcctl.spec.model import Cloud
from tests.sandbox.machine import Machine

pytestmark = pytest.mark.sandbox

TODAY = datetime.now(timezone.utc).date().isoformat()


@pytest.fixture
def cloud(sandbox_home: Path) -> Cloud:
    found: Cloud = sandbox.cloud(sandbox_home)
    return found


@pytest.fixture
def machine(sandbox_home: Path, tmp_path: Path) -> Iterator[Machine]:
    yield Machine(sandbox_home, tmp_path)


def asked(control: SandboxClient, *permissions: str) -> int:
    return sum(call.count for call in control.calls() if call.permission in permissions)


def test_many_prices_are_asked_for_once_a_day(cloud: Cloud, control: SandboxClient, tmp_path: Path) -> None:
    parts = (
        items.Part(item=items.running("c5.xlarge"), amount=4),
        items.Part(item=items.used_address(), amount=4),
    )
    share = items.volume_parts("gp3", 50, iops=6000, throughput=250)
    control.clear_calls()
    for _ in range(2):
        known = prices_of(cloud, [part.item for part in (*parts, *share)], home=tmp_path)
        assert known.total(parts) == pytest.approx(4 * (0.17 + 0.005))
        assert known.total(share) == pytest.approx(50 * 0.08 + 3000 * 0.005 + 125 * 0.04)
        assert known.day == TODAY
    assert asked(control, "pricing:GetProducts") == 5
    assert known.total(items.volume_parts("io2", 10, iops=40_000)) is None  # was not asked for


@pytest.mark.parametrize(
    ("item", "usd"),
    [
        (items.bucket(), 0.023),
        (items.volume("io1"), 0.125),
        (items.volume("io2"), 0.125),
        (items.volume("standard"), 0.05),
        (items.volume_parts("io2", 1, iops=70_000)[3].item, 0.03185),
        (items.idle_address(), 0.005),
        (items.running("p5.48xlarge"), 98.32),
    ],
)
def test_prices_are_those_of_the_list(cloud: Cloud, tmp_path: Path, item: items.Item, usd: float) -> None:
    found = price(cloud, item, home=tmp_path)
    assert found == Price(usd=usd, unit=item.unit, day=TODAY)


def test_what_is_not_in_the_list_is_unknown(cloud: Cloud, tmp_path: Path) -> None:
    assert price(cloud, items.running("c5.metal"), home=tmp_path) is None
    elsewhere = replace(cloud, region="eu-central-1")
    assert price(elsewhere, items.running("c5.xlarge"), home=tmp_path) is None
    known = prices_of(cloud, [items.running("c5.metal")], home=tmp_path)
    assert (known.day, known.total([items.Part(item=items.running("c5.metal"), amount=1)])) == ("", None)


def test_spot_is_asked_for_once_in_ten_minutes(cloud: Cloud, control: SandboxClient, tmp_path: Path) -> None:
    control.clear_calls()
    found = {spot_price(cloud, "c5.xlarge", "us-east-1a", home=tmp_path) for _ in range(3)}
    assert asked(control, "ec2:DescribeSpotPriceHistory") == 1
    [one] = found
    assert one and 0.3 <= one.usd / 0.17 <= 0.6
    assert spot_price(cloud, "c5.metal", "us-east-1a", home=tmp_path) is None
    assert spot_price(cloud, "c5.xlarge", "us-east-1x", home=tmp_path) is None


def test_quotas_of_many_families_take_few_calls(cloud: Cloud, control: SandboxClient) -> None:
    kinds = ("c5.xlarge", "m5.large", "g5.xlarge", "p4d.24xlarge", "p5.48xlarge", "hpc7g.4xlarge")
    keys = {quota_key(kind, spot=spot) for kind in kinds for spot in (False, True)}
    control.clear_calls()
    found = vcpu_quotas(cloud, keys)
    assert sum(call.count for call in control.calls()) == 4
    names = {key: quota.name for key, quota in found.items() if quota}
    assert found[("hpc", True)] is None and len(names) == len(keys) - 1
    assert names[("standard", True)].endswith("Spot Instance Requests")
    assert (names[("p", True)], names[("p5", True)]) == (
        "All P4, P3 and P2 Spot Instance Requests",
        "All P5 Spot Instance Requests",
    )
    assert names[("g", False)] == "Running On-Demand G and VT instances"


def types(machine: Machine, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        machine("types", "--profile", "sandbox", "--json", *words).stdout
    )
    return found


def test_types_come_from_the_cache_the_second_time(machine: Machine, control: SandboxClient) -> None:
    control.clear_calls()
    rows = {row["type"]: row for row in types(machine, "c5*")}
    assert asked(control, "pricing:GetProducts") <= 5
    row = rows["c5.18xlarge"]
    assert (row["vcpus"], row["cores"], row["memory_gib"], row["usd_an_hour"]) == (72, 36, 144, 3.06)
    assert row["spot_zone"] in row["zones"] and 0.9 < row["spot_usd_an_hour"] < 1.9
    assert (rows["c5.metal"]["usd_an_hour"], rows["c5.metal"]["spot_usd_an_hour"]) == (None, None)
    control.clear_calls()
    assert {row["type"]: row for row in types(machine, "c5*")} == rows
    assert control.calls() == ()


def test_types_are_chosen_and_sorted(machine: Machine) -> None:
    found = types(
        machine, "--efa", "--min-vcpus", "32", "--max-price", "4", "--arch", "x86_64", "--sort", "price"
    )
    prices = [row["usd_an_hour"] for row in found]
    assert prices == sorted(prices) and prices[-1] <= 4
    assert all(row["efa"] and row["vcpus"] >= 32 and row["architecture"] == "x86_64" for row in found)
    unknown_last = types(machine, "c5", "--sort", "price", "-r")
    assert unknown_last[0]["usd_an_hour"] and unknown_last[-1]["usd_an_hour"] is None
    here = types(machine, "m5", "--offered", "us-east-1b", "--sort", "spot", "--limit", "3")
    assert len(here) == 3 and {row["spot_zone"] for row in here} == {"us-east-1b"}
    sizes = [row["type"] for row in types(machine, "c5n.*")]
    assert sizes[:2] == ["c5n.large", "c5n.xlarge"] and sizes[-2:] == ["c5n.18xlarge", "c5n.metal"]


def test_the_table_is_plain_and_says_of_when_it_is(machine: Machine) -> None:
    said = machine("types", "--profile", "sandbox", "c5.large", "c5.metal")
    lines = said.stdout.splitlines()
    assert lines[0].split() == [
        "TYPE",
        "VCPU",
        "CORES",
        "GIB",
        "GBIT",
        "EFA",
        "ARCH",
        "USD/H",
        "SPOT",
        "IN",
    ]
    assert lines[1].split()[:8] == ["c5.large", "2", "1", "4", "≤10", "-", "x86_64", "0.0850"]
    assert lines[2].split()[7:] == ["-", "-", "-"]
    assert max(map(len, lines)) <= 80
    assert f"prices of {TODAY}, us-east-1" in said.stderr


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("types", "c55"), "no instance type in us-east-1 is called 'c55'"),
        (("types", "--offered", "us-east-1z"), "the zones are: us-east-1a"),
        (("spot-history", "c5.xlrge"), "hint: did you mean c5.xlarge"),
        (("spot-history", "c5.metal"), "no spot price of 'c5.metal' in us-east-1 is known"),
    ],
)
def test_what_is_not_there_is_said(machine: Machine, words: tuple[str, ...], why: str) -> None:
    said = machine(*words, "--profile", "sandbox")
    assert (said.returncode, said.stdout) == (2, "")
    assert why in said.stderr


def test_the_history_of_spot_prices(machine: Machine) -> None:
    told = json.loads(machine("spot-history", "c5.xlarge", "--profile", "sandbox", "--json").stdout)
    assert told["usd_an_hour"] == 0.17
    for zone in told["zones"]:
        assert zone["min_usd"] <= zone["mean_usd"] <= zone["max_usd"]
        assert zone["current_usd"] == zone["changes"][-1]["usd"]
        assert zone["share_of_on_demand"] == pytest.approx(zone["current_usd"] / 0.17, abs=1e-3)
    said = machine("spot-history", "c5.xlarge", "--profile", "sandbox", "--zone", "us-east-1a", "--days", "2")
    assert said.stdout.splitlines()[1].split()[0] == "us-east-1a"
    assert "USD an hour: a us-east-1a" in said.stdout
    assert max(len(line) for line in said.stdout.splitlines()) <= 100


def test_the_plot_as_a_picture(machine: Machine, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "prices.png"
    machine("spot-history", "c5.xlarge", "--profile", "sandbox", "--png", str(path))
    head = path.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    assert struct.unpack(">II", head[16:]) == (1080, 600)
