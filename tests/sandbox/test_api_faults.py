"""Faults on demand, as the clients see them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from hpcctl import sandbox
from hpcctl.errors import SandboxError
from hpcctl.sandbox.client import SandboxClient
from hpcctl.sandbox.faults import Fault, FaultKind
from tests.sandbox.polling import reach, until

pytestmark = pytest.mark.sandbox

IMAGE = "ami-0deb1a12000000001"


@pytest.fixture
def once(sandbox_home: Any) -> Any:
    """EC2 without any second attempt."""
    cloud = sandbox.cloud(sandbox_home)
    return boto3.client(
        "ec2",
        endpoint_url=cloud.endpoint_url,
        region_name=cloud.region,
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"total_max_attempts": 1}),
    )


def _run(ec2: Any, **request: Any) -> str:
    wanted = {"ImageId": IMAGE, "InstanceType": "c5.large", "MinCount": 1, "MaxCount": 1, **request}
    return str(ec2.run_instances(**wanted)["Instances"][0]["InstanceId"])


def test_a_zone_without_capacity_says_so_as_ec2_does(once: Any, control: SandboxClient) -> None:
    control.add_fault(Fault(kind=FaultKind.CAPACITY, zone="us-east-1b", instance_type="c5.large"))
    made = _run(once, Placement={"AvailabilityZone": "us-east-1a"})
    with pytest.raises(ClientError) as caught:
        _run(once, Placement={"AvailabilityZone": "us-east-1b"})
    answer = caught.value.response
    assert answer["Error"]["Code"] == "InsufficientInstanceCapacity"
    assert "us-east-1b" in answer["Error"]["Message"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 500
    again = _run(once, Placement={"AvailabilityZone": "us-east-1b"})
    once.terminate_instances(InstanceIds=[made, again])


def test_throttling_is_met_and_got_over(once: Any, ec2: Any, control: SandboxClient) -> None:
    control.add_fault(Fault(kind=FaultKind.THROTTLE, action="DescribeVpcs", times=1))
    once.describe_subnets()
    with pytest.raises(ClientError) as caught:
        once.describe_vpcs()
    assert caught.value.response["Error"]["Code"] == "RequestLimitExceeded"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    control.add_fault(Fault(kind=FaultKind.THROTTLE, times=1))
    assert ec2.describe_vpcs()["Vpcs"]
    assert control.faults() == ()


def test_a_machine_that_fails_to_start_ends_terminated(ec2: Any, control: SandboxClient) -> None:
    control.add_fault(Fault(kind=FaultKind.FAILS_TO_START))
    (found,) = reach(ec2, [_run(ec2)], "terminated")
    assert found["StateReason"]["Code"] == "Server.InternalError"


def test_a_machine_that_dies_is_stopped(ec2: Any, control: SandboxClient) -> None:
    made = _run(ec2)
    reach(ec2, [made], "running")
    control.kill(made)
    reach(ec2, [made], "stopped")
    ec2.terminate_instances(InstanceIds=[made])
    with pytest.raises(SandboxError, match="no instance"):
        control.kill("i-0000000000000000f")


def test_a_call_that_is_held_is_answered_when_the_faults_are_cleared(
    ec2: Any, control: SandboxClient
) -> None:
    control.add_fault(Fault(kind=FaultKind.HOLD, action="DescribeVpcs", agent="other"))
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(ec2.describe_vpcs)
        (held,) = until(control.held, what="the call is held")
        assert (held.action, held.agent) == ("DescribeVpcs", "other")
        assert ec2.describe_subnets()["Subnets"]  # nothing else waits for it
        assert not asked.done()
        control.clear_faults()
        assert asked.result()["Vpcs"]
    assert control.held() == ()
