"""moto's server, empty at the start of every test."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.spec.model import Cloud
from tests.unit.records import CLOUD


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    pytest.importorskip("moto")
    command = [sys.executable, str(Path(__file__).parent / "moto_process.py")]
    pipe = subprocess.PIPE
    # the sandbox's API sets moto's settings when it is imported; they are not for this one
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MOTO_", "S3_"))}
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as process:
        assert process.stdout
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()  # to clear up after itself takes it half a second


@pytest.fixture(scope="session")
def moto_cloud(moto_url: str) -> Cloud:
    """A Cloud that is moto, with whatever other tests have left there."""
    return replace(CLOUD, endpoint_url=moto_url, ssh_from=("127.0.0.0/8",))


@pytest.fixture
def cloud(moto_url: str, moto_cloud: Cloud) -> Cloud:
    """A Cloud that is moto, with Debian's public parameters and nothing else."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(f"{moto_url}/fresh", timeout=30).close()
    return moto_cloud
