"""EC2 Instance Connect, from the call to what the metadata service shows, and what a node's program makes of it."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from hpcctl.render import render_user_data
from hpcctl.sandbox.api import connect as connecting
from tests.sandbox.polling import reach
from tests.unit.sandbox.api.test_metadata import Metadata
from tests.unit.sandbox.api.told import ToldMachines
from tests.unit.terraform_requests import AWS, cluster_request

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1pEVoEBqzBGZ6pMWPUVjDf0fmbfX2TaTjAp1AW1m7M me"
PLACE = "/latest/meta-data/managed-ssh-keys/active-keys/hpc/"


@pytest.fixture
def instance(ec2: Any, launch: Callable[..., str]) -> str:
    instance_id = launch(MetadataOptions={"HttpTokens": "required"})
    reach(ec2, [instance_id], "running")
    return instance_id


@pytest.fixture
def send(connect: Callable[[str], Any], instance: str) -> Callable[..., Any]:
    def sent(**changes: str) -> Any:
        given = {"InstanceId": instance, "InstanceOSUser": "hpc", "SSHPublicKey": KEY, **changes}
        return connect("ec2-instance-connect").send_ssh_public_key(**given)

    return sent


@pytest.fixture
def metadata(instance: str, machines: ToldMachines) -> Metadata:
    return Metadata(machines.specs[instance].metadata_socket)


def shown(metadata: Metadata) -> str | None:
    _, token, _ = metadata.ask("PUT", "/latest/api/token", **{"X-aws-ec2-metadata-token-ttl-seconds": "60"})
    status, body, _ = metadata.ask("GET", PLACE, X_aws_ec2_metadata_token=token)
    return body if status == 200 else None


def test_the_instance_shows_the_key_for_a_minute(
    send: Callable[..., Any], metadata: Metadata, instance: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown(metadata) is None
    assert send()["Success"]
    lines = (shown(metadata) or "").splitlines()
    assert [line.split("=")[0] for line in lines[:4]] == ["#Timestamp", "#Instance", "#Caller", "#Request"]
    assert lines[1] == f"#Instance={instance}"
    assert lines[4] == KEY
    assert lines[5]
    now = connecting.time.monotonic()
    monkeypatch.setattr(connecting.time, "monotonic", lambda: now + 61)
    assert shown(metadata) is None


def test_it_needs_a_token_like_everything_else(send: Callable[..., Any], metadata: Metadata) -> None:
    send()
    assert metadata.ask("GET", PLACE)[0] == 401


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"InstanceId": "i-0123456789abcdef0"}, "EC2InstanceNotFoundException"),
        ({"AvailabilityZone": "us-east-1f"}, "EC2InstanceNotFoundException"),
        ({"SSHPublicKey": "hello " * 20}, "InvalidArgsException"),
    ],
)
def test_refusals_are_those_of_aws(send: Callable[..., Any], changes: dict[str, str], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        send(**changes)
    assert refused.value.response["Error"]["Code"] == code


def test_an_instance_that_does_not_run_takes_no_key(
    send: Callable[..., Any], ec2: Any, instance: str
) -> None:
    ec2.stop_instances(InstanceIds=[instance])
    with pytest.raises(ClientError) as refused:
        send()
    assert refused.value.response["Error"]["Code"] == "EC2InstanceStateInvalidException"


@pytest.mark.parametrize(("user", "expected"), [("hpc", f"{KEY}\n"), ("root", "")])
def test_the_program_of_the_nodes_gives_sshd_the_keys_alone(
    send: Callable[..., Any], metadata: Metadata, tmp_path: Path, user: str, expected: str
) -> None:
    """The very script from user data, with a curl that answers what the metadata service answers."""
    send()
    (tmp_path / "answer").write_text(shown(metadata) or "")
    text = render_user_data(request := cluster_request(AWS), request.nodes[0])
    program = text.split("<<'PROGRAM'\n")[1].split("PROGRAM\n")[0]
    assert program.startswith("#!/bin/sh\n")
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "hpc").write_text("")
    curl = tmp_path / "curl"
    curl.write_text(
        f'#!/bin/sh\ncase "$*" in *api/token) echo a-token;; *a-token*/{user}/) cat {tmp_path}/answer;; esac\n'
    )
    curl.chmod(curl.stat().st_mode | stat.S_IXUSR)
    done = subprocess.run(
        ["sh", "-c", program.replace("/etc/hpcctl/authorized_keys", str(keys)), "instance-keys", user],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == expected
