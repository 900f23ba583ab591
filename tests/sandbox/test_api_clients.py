"""The AWS CLI and plain Terraform, which know nothing of hpcctl."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpcctl import sandbox
from hpcctl.terraform import find_terraform
from tests.sandbox.polling import reach

pytestmark = pytest.mark.sandbox

ROOT = Path(__file__).parent / "root"


@pytest.mark.skipif(not shutil.which("aws"), reason="the AWS CLI is not installed")
def test_the_aws_cli_runs_an_instance(sandbox_home: Path, ec2: Any) -> None:
    cloud = sandbox.cloud(sandbox_home)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": cloud.region,
        "AWS_CONFIG_FILE": os.devnull,
    }
    words = "ec2 run-instances --instance-type c5.large --image-id ami-0deb1a12000000001 --output json"
    done = subprocess.run(
        ["aws", "--endpoint-url", str(cloud.endpoint_url), *words.split()],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    made = json.loads(done.stdout)["Instances"][0]["InstanceId"]
    reach(ec2, [made], "running")
    ec2.terminate_instances(InstanceIds=[made])


@pytest.mark.terraform
def test_plain_terraform_makes_everything_plans_nothing_more_and_takes_it_away(
    sandbox_home: Path, tmp_path: Path, connect: Callable[[str], Any]
) -> None:
    folder = tmp_path / "terraform"
    shutil.copytree(ROOT, folder)
    endpoint = sandbox.cloud(sandbox_home).endpoint_url
    (folder / "terraform.tfvars.json").write_text(json.dumps({"endpoint": endpoint}))
    terraform = find_terraform(sandbox_home)
    ec2 = connect("ec2")
    outputs = terraform.apply(folder, on_event=lambda event: None)
    try:
        assert outputs["same_image"] is True
        assert outputs["address"].startswith("127.")
        (made,) = reach(ec2, [outputs["instance"]], "running")
        assert made["PrivateIpAddress"] == "10.20.1.10"
        (spot,) = reach(ec2, [outputs["spot"]], "running")
        assert spot["InstanceLifecycle"] == "spot"
        assert terraform.plan(folder, on_event=lambda event: None) == ()
    finally:
        terraform.destroy(folder, on_event=lambda event: None)
    mine = [{"Name": "tag:hpcctl:cluster", "Values": ["plain"]}]
    assert ec2.describe_vpcs(Filters=mine)["Vpcs"] == []
    assert ec2.describe_volumes(Filters=mine)["Volumes"] == []
    assert all(bucket["Name"] != "hpcctl-plain" for bucket in connect("s3").list_buckets()["Buckets"])
    reach(ec2, [outputs["instance"], outputs["spot"]], "terminated")
    requests = ec2.describe_spot_instance_requests(SpotInstanceRequestIds=[spot["SpotInstanceRequestId"]])
    assert [one["State"] for one in requests["SpotInstanceRequests"]] == ["cancelled"]
