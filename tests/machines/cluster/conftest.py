"""The cluster that the files of this folder share."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.machines.driver import Cluster, Driver

NAME = "e2e"
OWN_CONFIG = b"# mine\nHost other\n  Port 2200"
FILES = ("cluster.hcl", "first_boot.sh")


@dataclass(frozen=True, kw_only=True)
class Made:
    """The cluster, and what its create said to people."""

    cluster: Cluster
    told: str


@pytest.fixture(scope="package")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """Up, and checked by `create` itself; down with its sandbox when all is done, whatever happened."""
    folder = tmp_path_factory.mktemp("cluster")
    with tempfile.TemporaryDirectory(prefix="hpcctl-") as sockets:
        driver = Driver.below(folder, Path(sockets))
        (driver.user / ".ssh" / "config").write_bytes(OWN_CONFIG)
        try:
            told = _create(driver, folder)
            yield Made(cluster=Cluster(driver=driver, name=NAME), told=told)
        finally:
            driver.good("sandbox", "down")


def _create(driver: Driver, folder: Path) -> str:
    for name in FILES:
        shutil.copy(Path(__file__).with_name(name), folder)
    key = driver.user / "anna"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (folder / "people.keys").write_text(f"anna {key.with_suffix('.pub').read_text()}")
    words = ("create", NAME, "--file", str(folder / FILES[0]), "--set", "project=fin", "--timings")
    return driver.good("--profile", "sandbox", *words).stderr


@pytest.fixture(scope="package")
def cluster(made: Made) -> Cluster:
    """Of head, node001 and big001."""
    return made.cluster
