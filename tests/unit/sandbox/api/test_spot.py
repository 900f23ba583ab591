"""Spot instances as EC2 has them: a request beside each, a price that decides, an end that AWS may choose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from hpcctl.sandbox.api import spotprices
from hpcctl.sandbox.api.ends import interrupt, kill
from hpcctl.sandbox.api.fleet import Fleet
from hpcctl.sandbox.api.listprices import usd_an_hour
from hpcctl.sandbox.faults import Fault, FaultKind
from tests.sandbox.polling import until

ONE_TIME = {"MarketType": "spot", "SpotOptions": {"SpotInstanceType": "one-time"}}
NOW = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)


def shown(ec2: Any, instance_id: str) -> dict[str, Any]:
    found: dict[str, Any] = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][
        0
    ]
    return found


def request_of(ec2: Any, instance: dict[str, Any]) -> dict[str, Any]:
    ids = [instance["SpotInstanceRequestId"]]
    found: dict[str, Any] = ec2.describe_spot_instance_requests(SpotInstanceRequestIds=ids)[
        "SpotInstanceRequests"
    ][0]
    return found


def running(ec2: Any, instance_id: str) -> dict[str, Any]:
    until(lambda: shown(ec2, instance_id)["State"]["Name"] == "running", what="it is running")
    return shown(ec2, instance_id)


def test_a_spot_instance_has_a_request(ec2: Any, launch: Callable[..., str]) -> None:
    market = {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.084"}}
    instance = shown(ec2, launch(InstanceMarketOptions=market))
    assert instance["InstanceLifecycle"] == "spot"
    request = request_of(ec2, instance)
    assert (request["State"], request["Type"], request["Status"]["Code"]) == (
        "active",
        "one-time",
        "fulfilled",
    )
    assert (request["SpotPrice"], request["InstanceInterruptionBehavior"]) == ("0.084000", "terminate")
    assert request["InstanceId"] == instance["InstanceId"]


def test_an_instance_on_demand_has_none(ec2: Any, launch: Callable[..., str]) -> None:
    instance = shown(ec2, launch())
    assert "InstanceLifecycle" not in instance
    assert "SpotInstanceRequestId" not in instance
    assert ec2.describe_spot_instance_requests()["SpotInstanceRequests"] == []


def test_a_one_time_spot_instance_cannot_be_stopped(ec2: Any, launch: Callable[..., str]) -> None:
    both = [launch(), launch(InstanceMarketOptions=ONE_TIME)]
    for instance_id in both:
        running(ec2, instance_id)
    with pytest.raises(ClientError, match="one-time Spot") as refused:
        ec2.stop_instances(InstanceIds=both)
    assert refused.value.response["Error"]["Code"] == "UnsupportedOperation"
    assert shown(ec2, both[0])["State"]["Name"] == "running"  # all or nothing


def test_the_request_closes_with_its_instance(ec2: Any, launch: Callable[..., str]) -> None:
    instance = running(ec2, launch(InstanceMarketOptions=ONE_TIME))
    ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
    request = request_of(ec2, instance)
    assert (request["State"], request["Status"]["Code"]) == ("closed", "instance-terminated-by-user")


def test_a_cancelled_request_leaves_its_instance(ec2: Any, launch: Callable[..., str]) -> None:
    instance = running(ec2, launch(InstanceMarketOptions=ONE_TIME))
    ids = [instance["SpotInstanceRequestId"]]
    answer = ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=ids)
    assert answer["CancelledSpotInstanceRequests"] == [
        {"SpotInstanceRequestId": ids[0], "State": "cancelled"}
    ]
    assert request_of(ec2, instance)["State"] == "cancelled"
    assert shown(ec2, instance["InstanceId"])["State"]["Name"] == "running"


def test_a_limit_below_the_price_is_refused(ec2: Any, launch: Callable[..., str]) -> None:
    market = {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.001"}}
    with pytest.raises(
        ClientError, match="lower than the minimum required Spot request fulfillment price"
    ) as refused:
        launch(InstanceMarketOptions=market)
    assert refused.value.response["Error"]["Code"] == "SpotMaxPriceTooLow"


def test_no_capacity_for_spot_alone(fleet: Fleet, launch: Callable[..., str]) -> None:
    fleet.faults.add(Fault(kind=FaultKind.NO_SPOT, times=20))  # boto3 tries several times
    launch()
    with pytest.raises(ClientError, match="do not have sufficient"):
        launch(InstanceMarketOptions=ONE_TIME)
    fleet.faults.clear()
    launch(InstanceMarketOptions=ONE_TIME)


def test_aws_takes_a_spot_instance_back(ec2: Any, fleet: Fleet, launch: Callable[..., str]) -> None:
    fleet.faults.add(Fault(kind=FaultKind.INTERRUPTED, instance_type="c5.large"))
    steady = launch()
    running(ec2, steady)
    taken = launch(InstanceMarketOptions=ONE_TIME)
    until(lambda: shown(ec2, taken)["State"]["Name"] == "terminated", what="it is terminated")
    instance = shown(ec2, taken)
    assert instance["StateReason"]["Code"] == "Server.SpotInstanceTermination"
    assert request_of(ec2, instance)["Status"]["Code"] == "instance-terminated-no-capacity"
    assert shown(ec2, steady)["State"]["Name"] == "running"
    assert not interrupt(fleet, steady)


def test_a_spot_machine_that_switches_itself_off_is_gone(
    ec2: Any, fleet: Fleet, launch: Callable[..., str]
) -> None:
    taken = launch(InstanceMarketOptions=ONE_TIME)
    running(ec2, taken)
    kill(fleet, taken)
    until(lambda: shown(ec2, taken)["State"]["Name"] == "terminated", what="it is terminated")


def test_the_present_price_is_asked_for_with_the_present(ec2: Any) -> None:
    now = datetime.now(timezone.utc)
    answer = ec2.describe_spot_price_history(
        InstanceTypes=["c5.large"], ProductDescriptions=["Linux/UNIX"], StartTime=now
    )
    found = answer["SpotPriceHistory"]
    zones = {offer["AvailabilityZone"] for offer in found}
    assert len(found) == len(zones) > 3
    assert all(offer["Timestamp"] <= now for offer in found)
    listed = usd_an_hour("c5.large")
    assert listed
    assert all(Decimal("0.3") <= Decimal(offer["SpotPrice"]) / listed <= Decimal("0.6") for offer in found)
    one = ec2.describe_spot_price_history(
        InstanceTypes=["c5.large"], AvailabilityZone="us-east-1b", StartTime=now, EndTime=now
    )
    assert {offer["AvailabilityZone"] for offer in one["SpotPriceHistory"]} == {"us-east-1b"}


def test_a_history_comes_in_pages_and_for_linux(ec2: Any) -> None:
    asked = {"InstanceTypes": ["c5.large"], "StartTime": datetime.now(timezone.utc) - timedelta(days=7)}
    whole = ec2.describe_spot_price_history(**asked)["SpotPriceHistory"]
    pages = ec2.get_paginator("describe_spot_price_history").paginate(
        **asked, PaginationConfig={"PageSize": 50}
    )
    assert [offer for page in pages for offer in page["SpotPriceHistory"]] == whole
    assert len(whole) > 7 * 3 * 4
    other = ec2.describe_spot_price_history(**asked, ProductDescriptions=["Windows"])
    assert other["SpotPriceHistory"] == []


def test_a_series_is_the_same_whenever_it_is_asked_for() -> None:
    long = list(spotprices.history("c5.large", "us-east-1a", since=NOW - timedelta(days=30), until=NOW))
    short = list(
        spotprices.history(
            "c5.large", "us-east-1a", since=NOW - timedelta(days=9), until=NOW - timedelta(days=8)
        )
    )
    assert set(short) <= set(long)
    assert [change.at for change in long] == sorted((change.at for change in long), reverse=True)
    assert len({change.usd for change in long}) > 50
    assert long[-1].at <= NOW - timedelta(days=30) < long[-2].at
    assert spotprices.present("c5.large", "us-east-1a", NOW) == long[0].usd


@pytest.mark.parametrize(("kind", "zone"), [("g4ad.xlarge", "us-east-1a"), ("c5.large", "eu-central-1a")])
def test_what_has_no_list_price_has_no_spot_price(kind: str, zone: str) -> None:
    assert spotprices.present(kind, zone, NOW) is None
