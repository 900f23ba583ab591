"""Machines that never boot, boot without network, or die while they are configured: one create of four nodes meets all.

One cluster serves all tests of this module, which run in the order in which they stand here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hpcctl.sandbox.faults import Fault, FaultKind
from hpcctl.workspace import Workspace
from tests.machines.driver import Driver, until
from tests.patience import PATIENCE

pytestmark = [pytest.mark.machines, pytest.mark.extended]

NAME = "thin"
CREATE = (
    "create",
    "--profile",
    "sandbox",
    "--min-nodes",
    "3",
    "--boot-deadline",
    "60",
    NAME,
    "4",
    "c5.xlarge",
    "4",
)


@dataclass(frozen=True, kw_only=True)
class Made:
    """The cluster, and what its create said."""

    driver: Driver
    code: int
    said: str

    @property
    def workspace(self) -> Workspace:
        return Workspace(home=self.driver.home, name=NAME)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """node001 never boots, once; node002 has no network, twice; node003 dies at its first steps, once."""
    folder = tmp_path_factory.mktemp("lost")
    driver = Driver.below(folder, folder)
    driver.good("sandbox", "up")
    driver.sandbox.add_fault(Fault(kind=FaultKind.NEVER_BOOTS, node="node001"))
    driver.sandbox.add_fault(Fault(kind=FaultKind.NO_NETWORK, node="node002", times=2))
    try:
        code, said = _create(driver)
        yield Made(driver=driver, code=code, said=said)
    finally:
        driver.good("sandbox", "down")


def _create(driver: Driver) -> tuple[int, str]:
    """Create, and pull node003's plug as soon as it has told of a step."""
    with (driver.home / "create.err").open("w+") as said:
        running = subprocess.Popen(
            [sys.executable, "-m", "hpcctl", *CREATE],
            env=driver.environment(),
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        steps = Workspace(home=driver.home, name=NAME).log / "steps.log"
        until(lambda: running.poll() is not None or '"node003"' in _text(steps), "a step of node003")
        if running.poll() is None:
            driver.sandbox.kill(_instance(driver, "node003"))
        code = running.wait(PATIENCE)
        said.seek(0)
        return code, said.read()


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _instance(driver: Driver, node: str) -> str:
    return next(host["instance_id"] for host in _shown(driver)["hosts"] if host["name"] == node)


def _shown(driver: Driver) -> Any:
    return driver.told("show", NAME)


@pytest.mark.fault("a machine that never boots", "create: machines boot", "replaced once, alone")
@pytest.mark.fault(
    "a machine boots without network, twice",
    "create: machines boot",
    "the cluster goes on without it (--min-nodes)",
)
@pytest.mark.fault(
    "a machine dies", "create: steps run", "noticed within half a minute, replaced once, alone"
)
def test_lost_machines_are_replaced_once_and_then_given_up(made: Made) -> None:
    assert made.code == 0, made.said
    assert "Traceback" not in made.said
    record = made.workspace.load()
    assert sorted(record.replaced) == ["node001", "node002", "node003"]
    assert record.given_up == ("node002",)
    assert made.said.count("a second machine for") == 1


def test_the_head_was_never_touched(made: Made) -> None:
    listed = (made.workspace.log / "terraform.log").read_text()
    assert 'aws_instance.this[\\"head\\"]: Destroying' not in listed
    assert 'aws_instance.this[\\"node001\\"]: Destroying' in listed


def test_consoles_are_kept(made: Made) -> None:
    consoles = {path.name: path.read_text() for path in made.workspace.log.glob("console-*.txt")}
    assert set(consoles) == {f"console-node00{number}.txt" for number in (1, 2, 3)}
    assert "(it shows nothing)" in consoles["console-node001.txt"]
    assert consoles["console-node002.txt"].count("== node002, i-") == 2


def test_show_and_list_say_so(made: Made) -> None:
    shown = made.driver("show", NAME)
    assert "3 of 4 nodes (node002 given up: never answered)" in shown.stdout
    assert {host["name"] for host in _shown(made.driver)["hosts"]} == {"head", "node001", "node003"}
    (listed,) = json.loads(made.driver("list", "--json").stdout)
    assert (listed["state"], listed["nodes"], listed["given_up"]) == ("running", 3, ["node002"])


def test_nothing_is_left_of_the_one_that_was_given_up(made: Made) -> None:
    status = json.loads(made.driver("sandbox", "status", "--json").stdout)
    assert status["instances"]["running"] == 3
    assert set(status["instances"]) <= {"running", "terminated"}
    again = made.driver("check", NAME)
    assert again.returncode == 0, again.stderr
    gone = made.driver("terminate", NAME, "--yes")
    assert gone.returncode == 0, gone.stderr
