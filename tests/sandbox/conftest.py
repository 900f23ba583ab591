"""One sandbox without machines for all tests of its API that one worker runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from hpcctl import sandbox
from hpcctl.sandbox.client import SandboxClient
from tests.sandbox.quiet import WITHOUT_MACHINES, Silent


@pytest.fixture(scope="session")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("home")
    yield home
    sandbox.down(home)


@pytest.fixture(scope="module")
def sandbox_home(_home: Path) -> Iterator[Path]:
    """A home whose sandbox is up. What a test that failed has left there does not reach the next file."""
    sandbox.ensure_up(_home, progress=Silent(), wanted=WITHOUT_MACHINES)
    yield _home
    if _is_used(_home):
        sandbox.down(_home)


def _is_used(home: Path) -> bool:
    """Whether there is more in the account than what all clusters share."""
    clusters, status = home / "clusters", sandbox.status(home)
    if status is None:
        return False
    ec2 = _clients(home)("ec2")
    return bool(
        set(status.instances) - {"terminated"}
        or (clusters.is_dir() and any(clusters.iterdir()))
        or ec2.describe_volumes()["Volumes"]
        or ec2.describe_key_pairs()["KeyPairs"]
        or ec2.describe_placement_groups()["PlacementGroups"]
    )


def _clients(home: Path) -> Callable[[str], Any]:
    cloud = sandbox.cloud(home)
    session = boto3.Session(
        aws_access_key_id="sandbox", aws_secret_access_key="sandbox", region_name=cloud.region
    )
    return lambda service: session.client(service, endpoint_url=cloud.endpoint_url)


@pytest.fixture(scope="module")
def connect(sandbox_home: Path) -> Callable[[str], Any]:
    """boto3's client of a service, pointed at the sandbox."""
    return _clients(sandbox_home)


@pytest.fixture(scope="module")
def ec2(connect: Callable[[str], Any]) -> Any:
    return connect("ec2")


@pytest.fixture
def control(sandbox_home: Path) -> Iterator[SandboxClient]:
    """The sandbox's own calls; no fault outlives a test."""
    record = sandbox.running(sandbox_home)
    assert record
    client = SandboxClient(url=record.url)
    yield client
    client.clear_faults()
