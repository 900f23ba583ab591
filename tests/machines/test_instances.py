"""Instances as any AWS client asks for them: a machine that one can log in to with the key pair of the request."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from hpcctl import sandbox
from tests.machines.home import Silent, home_with_images
from tests.patience import PATIENCE

pytestmark = pytest.mark.machines


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = home_with_images(tmp_path_factory.mktemp("instances"))
    sandbox.ensure_up(folder, progress=Silent())
    yield folder
    sandbox.down(folder)


@pytest.fixture(scope="module")
def ec2(home: Path) -> Any:
    session = boto3.Session(
        aws_access_key_id="sandbox", aws_secret_access_key="sandbox", region_name="us-east-1"
    )
    return session.client("ec2", endpoint_url=sandbox.cloud(home).endpoint_url)


@pytest.fixture(scope="module")
def key_file(ec2: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "mine.pem"
    material = ec2.create_key_pair(KeyName="mine", KeyType="ed25519")["KeyMaterial"]
    path.touch(mode=0o600)
    path.write_text(material)
    return path


@pytest.fixture(scope="module")
def instance(ec2: Any, key_file: Path) -> str:
    image = ec2.describe_images(Filters=[{"Name": "name", "Values": ["debian-12-*"]}])["Images"][0]["ImageId"]
    user_data = "#!/bin/sh\necho from user data >/etc/from-user-data\n"
    made = ec2.run_instances(
        ImageId=image, InstanceType="t3.small", MinCount=1, MaxCount=1, KeyName="mine", UserData=user_data
    )
    return str(made["Instances"][0]["InstanceId"])


def until(holds: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = holds()
        if found:
            return found
        time.sleep(0.5)
    raise AssertionError(f"waited {PATIENCE} s in vain for: {what}")


def describe(ec2: Any, instance: str) -> dict[str, Any]:
    found: dict[str, Any] = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    return found


def wait_for_state(ec2: Any, instance: str, state: str) -> dict[str, Any]:
    until(lambda: describe(ec2, instance)["State"]["Name"] == state, state)
    return describe(ec2, instance)


def login(home: Path, key: Path, address: str, command: str) -> str:
    """What the command prints; tried until SSH answers."""

    def attempt() -> subprocess.CompletedProcess[str] | None:
        options = (
            "UserKnownHostsFile=/dev/null",
            "StrictHostKeyChecking=no",
            "BatchMode=yes",
            "ConnectTimeout=20",
        )
        words = [word for option in options for word in ("-o", option)]
        port = str(sandbox.cloud(home).ssh_port)
        done = subprocess.run(
            ["ssh", "-F", os.devnull, "-i", str(key), "-p", port, *words, f"admin@{address}", command],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        return done if done.returncode == 0 else None

    return str(until(attempt, f"ssh {address} {command}").stdout)


def test_one_can_log_in_with_the_key_of_the_request(
    ec2: Any, home: Path, key_file: Path, instance: str
) -> None:
    address = wait_for_state(ec2, instance, "running")["PublicIpAddress"]
    assert address.startswith("127.")
    assert login(home, key_file, address, "cat /etc/from-user-data") == "from user data\n"


def test_a_volume_is_attached_live(ec2: Any, home: Path, key_file: Path, instance: str) -> None:
    running = describe(ec2, instance)
    zone = running["Placement"]["AvailabilityZone"]
    volume = ec2.create_volume(AvailabilityZone=zone, Size=1, VolumeType="gp3")["VolumeId"]
    ec2.attach_volume(VolumeId=volume, InstanceId=instance, Device="/dev/sdg")
    disk = f"/dev/disk/by-id/*{volume.replace('-', '')}"
    size = login(home, key_file, running["PublicIpAddress"], f"sudo blockdev --getsize64 {disk}")
    assert int(size) == 1 << 30
    login(home, key_file, running["PublicIpAddress"], f"sudo mkfs.ext4 -q {disk} && sync")
    ec2.detach_volume(VolumeId=volume)
    login(home, key_file, running["PublicIpAddress"], f"! ls {disk}")


def test_stop_and_start_keep_the_disk_and_change_the_address(
    ec2: Any, home: Path, key_file: Path, instance: str
) -> None:
    before = describe(ec2, instance)["PublicIpAddress"]
    login(home, key_file, before, "echo kept >~/file && sync")
    ec2.stop_instances(InstanceIds=[instance])
    assert "PublicIpAddress" not in wait_for_state(ec2, instance, "stopped")
    ec2.start_instances(InstanceIds=[instance])
    after = wait_for_state(ec2, instance, "running")["PublicIpAddress"]
    assert after != before
    assert login(home, key_file, after, "cat ~/file") == "kept\n"


def test_an_elastic_address_leads_to_the_machine(ec2: Any, home: Path, key_file: Path, instance: str) -> None:
    allocated = ec2.allocate_address(Domain="vpc")
    ec2.associate_address(InstanceId=instance, AllocationId=allocated["AllocationId"])
    assert login(home, key_file, allocated["PublicIp"], "cat ~/file") == "kept\n"


def test_the_console_is_the_serial_line(ec2: Any, instance: str) -> None:
    assert ec2.get_console_output(InstanceId=instance)["Output"]


def test_terminate_ends_the_process(ec2: Any, home: Path, instance: str) -> None:
    ec2.terminate_instances(InstanceIds=[instance])
    wait_for_state(ec2, instance, "terminated")
    until(lambda: not list((home / "sandbox" / "machines").glob(f"{instance}*")), "its folder to go")


def test_the_death_of_the_service_leaves_nothing_after_down(ec2: Any, home: Path, key_file: Path) -> None:
    image = ec2.describe_images(Filters=[{"Name": "name", "Values": ["debian-12-*"]}])["Images"][0]["ImageId"]
    made = ec2.run_instances(ImageId=image, InstanceType="t3.small", MinCount=1, MaxCount=1, KeyName="mine")
    wait_for_state(ec2, made["Instances"][0]["InstanceId"], "running")
    record = sandbox.running(home)
    assert record
    os.kill(record.pid, 9)
    until(lambda: sandbox.running(home) is None, "the service to be dead")
    sandbox.down(home)
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not [command for command in commands if str(home).encode() in command]
