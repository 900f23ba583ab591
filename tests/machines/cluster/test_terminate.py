"""The end of it: nothing is left but what was to be kept. This file is the last one of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcctl import sandbox
from hpcctl.aws.session import ec2
from tests.machines.cluster.conftest import NAME
from tests.machines.driver import Cluster, until

pytestmark = pytest.mark.machines


def test_terminate_leaves_the_bucket_and_what_is_kept(cluster: Cluster) -> None:
    driver = cluster.driver
    done = driver.good("terminate", NAME, "--yes")
    assert driver.told("list") == []
    assert not (driver.home / "clusters" / NAME).exists()
    assert set(driver.told("sandbox", "status")["instances"]) <= {"terminated"}
    assert not list((driver.home / "sandbox" / "machines").glob("i-*"))
    client = ec2(sandbox.cloud(driver.home))
    until(lambda: len(client.describe_volumes()["Volumes"]) == 1, "one volume is left")
    (kept,) = client.describe_volumes()["Volumes"]
    assert kept["VolumeId"] in done.stdout + done.stderr
    again = driver("terminate", NAME, "--yes")
    assert again.returncode == 1
    assert "Traceback" not in again.stderr


def test_down_leaves_no_process(cluster: Cluster) -> None:
    cluster.driver.good("sandbox", "down")
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if _is_readable(path)]
    assert not [command for command in commands if str(cluster.driver.home).encode() in command]


def _is_readable(path: Path) -> bool:
    try:
        path.read_bytes()
    except OSError:
        return False
    return True
