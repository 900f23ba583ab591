"""$HPCCTL_HOME on a disk that is full, or that nobody can write to: said, nothing lost, and the same commands go on."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hpcctl import sandbox
from tests.environments import own_environment
from tests.patience import PATIENCE

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform]


def apart(*command: str, home: Path, user: Path) -> subprocess.CompletedProcess[str]:
    """In mount and user namespaces of its own."""
    may = shutil.which("unshare") and subprocess.run(["unshare", "-rm", "true"], check=False).returncode == 0
    if not may:
        pytest.skip("this system lets nobody have mount namespaces of their own")
    return subprocess.run(
        ["unshare", "-rm", *command],
        env=own_environment(home, user),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture
def profile(sandbox_home: Path) -> str:
    cloud = sandbox.cloud(sandbox_home)
    return f'''profile "lab" {{
  endpoint_url = "{cloud.endpoint_url}"
  region       = "{cloud.region}"
  ssh_from     = "{cloud.ssh_from[0]}"
}}
'''


def instances(ec2: Any, cluster: str) -> list[str]:
    found = ec2.describe_instances(
        Filters=[
            {"Name": "tag:hpcctl:cluster", "Values": [cluster]},
            {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]},
        ]
    )
    return [one["InstanceId"] for each in found["Reservations"] for one in each["Instances"]]


@pytest.mark.fault(
    "the disk of $HPCCTL_HOME is full", "create: before it begins", "said; nothing is made in the account"
)
@pytest.mark.fault(
    "the disk of $HPCCTL_HOME fills up", "create: Terraform runs", "said; terminate takes everything away"
)
def test_a_disk_that_fills_up(tmp_path: Path, profile: str, ec2: Any) -> None:
    home = tmp_path / "home"
    home.mkdir()
    done = apart(
        *(sys.executable, "-m", "tests.sandbox.small_disk", str(home), profile), home=home, user=tmp_path
    )
    assert done.returncode == 0, done.stderr
    story = json.loads(done.stdout)
    for name, step in story.items():
        assert "Traceback" not in step["err"], name
        assert "a mistake in hpcctl itself" not in step["err"], name
    assert story["full"]["code"] != 0
    assert "No space left on device" in story["full"]["err"]
    assert story["list full"]["code"] == 0
    assert story["filling"]["code"] != 0
    assert "no space left on the disk of" in story["filling"]["err"]
    assert story["show"]["code"] == 0, story["show"]["err"]
    assert "unfinished" in story["show"]["out"]
    assert "free space" in story["doctor"]["out"]
    assert story["doctor"]["code"] == 1
    assert story["terminate"]["code"] == 0, story["terminate"]["err"]
    assert story["list"]["out"] == "[]\n"
    assert instances(ec2, "tight") == []


@pytest.mark.fault(
    "$HPCCTL_HOME is read-only", "every verb", "reading works; what writes says so, and makes nothing"
)
def test_a_home_that_is_read_only(tmp_path: Path, profile: str, ec2: Any) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.hcl").write_text(profile)
    hpcctl = f"{sys.executable} -m hpcctl"
    script = f"""
        mount --bind {home} {home} && mount -o remount,ro,bind {home} || exit 99
        {hpcctl} list; echo "list $?"
        {hpcctl} --profile lab create sealed 2 c5.xlarge 4; echo "create $?"
        {hpcctl} update-ssh; echo "update-ssh $?"
        {hpcctl} --profile lab doctor; echo "doctor $?"
    """
    done = apart("sh", "-c", script, home=home, user=tmp_path)
    assert "list 0\ncreate 1\nupdate-ssh 1\n" in done.stdout
    assert done.stdout.endswith("doctor 1\n")
    assert done.stderr.count("Read-only file system") >= 2
    assert "HPCCTL_HOME" in done.stdout
    assert "Traceback" not in done.stderr
    assert "a mistake in hpcctl itself" not in done.stderr
    assert instances(ec2, "sealed") == []
