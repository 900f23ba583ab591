"""A class of two clusters from a file, with a seat for somebody in one of them.

The clusters serve all tests of this module, which run in the order in which they stand here.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

import pytest

from tests.machines.driver import Driver

pytestmark = [pytest.mark.machines, pytest.mark.extended]

SEATS = ("lab-01", "lab-02")
NODES = ("head", "node001")
FILE = Path(__file__).parent / "class.hcl"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Driver, str]]:
    """The class, and what its create said to people."""
    folder = tmp_path_factory.mktemp("class")
    with tempfile.TemporaryDirectory(prefix="hpcctl-") as sockets:
        driver = Driver.below(folder, Path(sockets))
        key = driver.user / "anna"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        (folder / "class.hcl").write_text(FILE.read_text())
        (folder / "seats.keys").write_text(f"anna@02 {key.with_suffix('.pub').read_text()}")
        try:
            words = ("create", "lab", "--count", "2", "--file", str(folder / "class.hcl"))
            yield driver, driver.good("--profile", "sandbox", *words).stderr
        finally:
            driver.good("sandbox", "down")


@pytest.fixture(scope="module")
def driver(made: tuple[Driver, str]) -> Driver:
    return made[0]


def test_the_class_is_there_with_what_it_costs(made: tuple[Driver, str]) -> None:
    driver, told = made
    assert "all 2" in told
    found = driver.told("list", "lab")
    assert [(one["name"], one["class"], one["state"]) for one in found] == [
        (seat, "lab", "running") for seat in SEATS
    ]
    assert all(one["usd_an_hour"] > 0.1 and one["usd_so_far"] > 0 for one in found)
    hosts = [(one["cluster"], one["node"]) for one in driver.told("hosts", "lab")]
    assert sorted(hosts) == [(seat, node) for seat in SEATS for node in NODES]


def test_somebody_has_a_seat_of_her_own(driver: Driver) -> None:
    key = ("-i", str(driver.user / "anna"), "-o", "IdentitiesOnly=yes")
    job = "qsub -sync y -b y -j y -o out hostname >/dev/null; cat out"
    script = f"id -un; pwd; sudo -n true 2>/dev/null && echo root; {job}"
    done = driver.ssh(*key, "-l", "anna", "lab-02", f"bash -c {quote(script)}")
    assert done.returncode == 0, done.stderr
    name, home, host = done.stdout.splitlines()
    assert (name, home) == ("anna", "/home/anna")
    assert host in NODES
    refused = driver.ssh(*key, "-l", "anna", "lab-01", "true")
    assert refused.returncode == 255


def test_one_seat_stops_and_the_other_goes_on(driver: Driver) -> None:
    driver.good("stop", "lab-01")
    shown = {host["name"]: host["state"] for host in driver.told("show", "lab-01")["hosts"]}
    assert shown == dict.fromkeys(NODES, "stopped")
    assert [one["state"] for one in driver.told("list", "lab-02")] == ["running"]


def test_the_whole_class_goes(driver: Driver) -> None:
    asked = driver("terminate", "lab-*")
    assert asked.returncode == 2
    assert all(seat in asked.stderr for seat in SEATS)
    driver.good("terminate", "--yes", "lab")
    assert driver.told("list") == []
