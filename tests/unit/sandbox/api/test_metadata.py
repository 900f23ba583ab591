"""The metadata service as cloud-init, s3fs and boto3 use it, over its unix socket."""

from __future__ import annotations

import base64
import http.client
import json
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from hpcctl.sandbox.api.fleet import Fleet
from tests.sandbox.polling import reach
from tests.unit.sandbox.api.told import ToldMachines

TTL = "X-aws-ec2-metadata-token-ttl-seconds"
USER_DATA = "#!/bin/sh\necho grüße\n"


class Metadata:
    """What a program inside the machine sees."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(self, method: str, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
        connection = http.client.HTTPConnection("169.254.169.254", timeout=10)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self._path))
        connection.request(
            method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body, dict(answer.getheaders())

    def get(self, path: str) -> str:
        _, token, _ = self.ask("PUT", "/latest/api/token", **{TTL: "60"})
        status, body, _ = self.ask("GET", path, X_aws_ec2_metadata_token=token)
        assert status == 200, path
        return body


@pytest.fixture
def role(connect: Callable[[str], Any]) -> str:
    iam = connect("iam")
    iam.create_role(RoleName="node", AssumeRolePolicyDocument="{}")
    iam.create_instance_profile(InstanceProfileName="nodes")
    iam.add_role_to_instance_profile(InstanceProfileName="nodes", RoleName="node")
    return "nodes"


@pytest.fixture
def instance(ec2: Any, launch: Callable[..., str], role: str) -> dict[str, Any]:
    ec2.import_key_pair(
        KeyName="mine",
        PublicKeyMaterial=b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1pEVoEBqzBGZ6pMWPUVjDf0fmbfX2TaTjAp1AW1m7M me",
    )
    instance_id = launch(
        KeyName="mine",
        UserData=USER_DATA,
        IamInstanceProfile={"Name": role},
        MetadataOptions={"HttpTokens": "required", "InstanceMetadataTags": "enabled"},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "head"}]}],
    )
    return reach(ec2, [instance_id], "running")[0]


@pytest.fixture
def metadata(instance: dict[str, Any], machines: ToldMachines) -> Iterator[Metadata]:
    yield Metadata(machines.specs[instance["InstanceId"]].metadata_socket)


def test_a_token_is_required_where_the_instance_says_so(metadata: Metadata) -> None:
    assert metadata.ask("GET", "/latest/meta-data/")[0] == 401
    assert metadata.ask("GET", "/latest/meta-data/", X_aws_ec2_metadata_token="made-up")[0] == 401


@pytest.mark.parametrize("ttl", ["", "0", "21601", "soon"])
def test_a_token_lives_from_a_second_to_six_hours(metadata: Metadata, ttl: str) -> None:
    assert metadata.ask("PUT", "/latest/api/token", **{TTL: ttl})[0] == 400


def test_a_forwarded_request_gets_no_token(metadata: Metadata) -> None:
    assert metadata.ask("PUT", "/latest/api/token", **{TTL: "60"}, X_Forwarded_For="10.0.0.1")[0] == 403


def test_a_token_says_how_long_it_lives(metadata: Metadata) -> None:
    status, token, headers = metadata.ask("PUT", "/latest/api/token", **{TTL: "77"})
    assert (status, len(token) > 30) == (200, True)
    assert {name.lower(): value for name, value in headers.items()}[TTL.lower()] == "77"


def test_the_date_is_right_for_machines_that_set_their_clock_by_it(metadata: Metadata) -> None:
    _, _, headers = metadata.ask("PUT", "/latest/api/token", **{TTL: "60"})
    assert abs((parsedate_to_datetime(headers["Date"]) - datetime.now(timezone.utc)).total_seconds()) < 5


def test_identity_is_that_of_the_api(metadata: Metadata, instance: dict[str, Any]) -> None:
    card = instance["NetworkInterfaces"][0]
    mac = f"network/interfaces/macs/{card['MacAddress']}"
    wanted = {
        "instance-id": instance["InstanceId"],
        "instance-type": "c5.large",
        "ami-id": instance["ImageId"],
        "local-ipv4": instance["PrivateIpAddress"],
        "public-ipv4": instance["PublicIpAddress"],
        "local-hostname": instance["PrivateDnsName"],
        "mac": card["MacAddress"],
        "placement/region": "us-east-1",
        "placement/availability-zone": instance["Placement"]["AvailabilityZone"],
        "public-keys/": "0=mine",
        "public-keys/0/openssh-key": "ssh-ed25519 "
        "AAAAC3NzaC1lZDI1NTE5AAAAIJ1pEVoEBqzBGZ6pMWPUVjDf0fmbfX2TaTjAp1AW1m7M me",
        "tags/instance/Name": "head",
        f"{mac}/device-number": "0",
        f"{mac}/local-ipv4s": instance["PrivateIpAddress"],
        f"{mac}/vpc-ipv4-cidr-block": "172.31.0.0/16",
        f"{mac}/subnet-id": instance["SubnetId"],
    }
    assert {path: metadata.get(f"/latest/meta-data/{path}") for path in wanted} == wanted
    document = json.loads(metadata.get("/latest/dynamic/instance-identity/document"))
    assert (document["instanceId"], document["region"]) == (instance["InstanceId"], "us-east-1")


def test_every_entry_of_every_list_can_be_fetched(metadata: Metadata) -> None:
    """What cloud-init does: it follows each name, and a slash means a folder."""

    def crawl(path: str) -> int:
        count = 0
        for name in metadata.get(path).splitlines():
            child = f"{path}{name.split('=')[0]}/" if "=" in name else f"{path}{name}"
            count += crawl(child) if child.endswith("/") else len(metadata.get(child)) >= 0
        return count

    assert crawl("/2021-03-23/meta-data/") > 40
    assert crawl("/2009-04-04/dynamic/") == 1


def test_user_data_is_what_was_sent(metadata: Metadata) -> None:
    assert metadata.get("/latest/user-data") == USER_DATA


def test_without_user_data_there_is_none(
    ec2: Any, launch: Callable[..., str], machines: ToldMachines
) -> None:
    instance_id = launch()
    reach(ec2, [instance_id], "running")
    service = Metadata(machines.specs[instance_id].metadata_socket)
    assert service.ask("GET", "/latest/user-data")[0] == 404
    assert service.ask("GET", "/latest/meta-data/iam/info")[0] == 404
    assert service.ask("GET", "/latest/meta-data/instance-id")[1] == instance_id


def test_role_credentials_are_good_for_hours_and_stay_the_same(metadata: Metadata) -> None:
    folder = "/latest/meta-data/iam/security-credentials/"
    assert metadata.get(folder) == "node"
    first = json.loads(metadata.get(folder + "node"))
    assert first == json.loads(metadata.get(folder + "node"))
    expires = datetime.strptime(first["Expiration"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    assert (expires - datetime.now(timezone.utc)).total_seconds() > 3600
    assert first["Code"] == "Success" and first["AccessKeyId"].startswith("ASIA") and first["Token"]
    assert json.loads(metadata.get("/latest/meta-data/iam/info"))["InstanceProfileArn"].endswith("/nodes")


def test_the_socket_goes_with_the_instance(
    ec2: Any, instance: dict[str, Any], machines: ToldMachines, fleet: Fleet
) -> None:
    path = machines.specs[instance["InstanceId"]].metadata_socket
    assert path.exists() and path.stat().st_mode & 0o077 == 0
    ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
    reach(ec2, [instance["InstanceId"]], "terminated")
    assert not path.exists()


def test_user_data_can_be_read_back_from_the_api(ec2: Any, instance: dict[str, Any]) -> None:
    answer = ec2.describe_instance_attribute(InstanceId=instance["InstanceId"], Attribute="userData")
    assert base64.b64decode(answer["UserData"]["Value"]).decode() == USER_DATA
