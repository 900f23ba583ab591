"""One sandbox without machines for all tests of its API."""

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
def sandbox_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("home")
    sandbox.ensure_up(home, progress=Silent(), wanted=WITHOUT_MACHINES)
    yield home
    sandbox.down(home)


@pytest.fixture(scope="session")
def connect(sandbox_home: Path) -> Callable[[str], Any]:
    """boto3's client of a service, pointed at the sandbox."""
    cloud = sandbox.cloud(sandbox_home)
    session = boto3.Session(
        aws_access_key_id="sandbox", aws_secret_access_key="sandbox", region_name=cloud.region
    )
    return lambda service: session.client(service, endpoint_url=cloud.endpoint_url)


@pytest.fixture(scope="session")
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
