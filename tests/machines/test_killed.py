"""One cluster whose every command is killed or interrupted half-way.

Its machines boot the image from the start, by the distribution's cloud-init, as on AWS. The tests stand in the order
in which they happen to it.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator

import pytest

from tests.killing import Place, Said
from tests.machines.home import home_with_images

pytestmark = pytest.mark.machines

NAME = "hard"
CREATE = ("create", "--profile", "sandbox", "--boot-deadline", "1800", NAME, "2", "c5.xlarge", "4")
RESUMED = "the same command finishes it on the same machines"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("killed")
    home = home_with_images(folder)
    (folder / "user").mkdir(mode=0o700)
    made = Place(home=home, user=folder / "user")
    try:
        assert made("sandbox", "up", "--cold-boot").code == 0
        yield made
    finally:
        assert made("sandbox", "down").code == 0


def hosts(place: Place) -> dict[str, str]:
    """Nodes and their instances, as `show` has them."""
    shown = place("show", NAME, "--json")
    assert shown.is_calm, shown.err
    return {host["name"]: host["instance_id"] for host in json.loads(shown.out)["hosts"]}


def state(place: Place) -> str:
    return str(json.loads(place("show", NAME, "--json").out)["state"])


def stopped(said: Said, *words: str) -> None:
    """Interrupted, and told in words what is left."""
    assert said.code == 130, said.err
    assert said.is_calm, said.err
    for word in words:
        assert word in said.err


@pytest.mark.fault("kill -9 of hpcctl", "create: machines boot", RESUMED)
@pytest.mark.fault("Ctrl-C", "create: steps run", RESUMED)
@pytest.mark.fault("kill -9 of hpcctl", "create: the check runs", RESUMED)
def test_a_create_that_is_killed_three_times_ends_well(place: Place) -> None:
    with place.running(*CREATE) as run:
        run.until("==> wait for ssh")
        run.kill()
    assert state(place) == "unfinished"
    first = hosts(place)
    assert len(first) == 2
    with place.running(*CREATE) as run:
        run.until("==> configure")
        run.press()
        stopped(run.end(), f"{NAME} is unfinished", "the same `hpcctl create` goes on")
    with place.running(*CREATE) as run:
        run.until("==> check")
        run.kill()
    assert state(place) == "unfinished"
    done = place(*CREATE)
    assert done.code == 0, done.err
    assert (state(place), hosts(place)) == ("running", first)
    by_cloud_init = place("ssh", NAME, "node001", "--", "cloud-init status")
    assert "done" in by_cloud_init.out, by_cloud_init.err


@pytest.mark.fault("SIGTERM", "check", "the cluster is as before")
def test_a_check_that_is_interrupted_changes_nothing(place: Place) -> None:
    with place.running("check", NAME) as run:
        run.until("==> check")
        run.press(signal.SIGTERM)
        stopped(run.end(), f"{NAME} is ready, as before")
    assert state(place) == "running"


@pytest.mark.fault(
    "kill -9 of hpcctl", "terminate: Terraform destroys the machines", "the same command finishes it"
)
def test_a_terminate_that_is_killed_is_finished_by_the_same_command(place: Place) -> None:
    log = place.home / "clusters" / NAME / "log" / "terraform.log"
    before = log.read_text().count('"destroy"')
    with place.running("terminate", "--yes", NAME) as run:
        run.until(lambda: log.read_text().count('"destroy"') > before)
        run.kill()
    assert state(place) == "half terminated"
    done = place("terminate", "--yes", NAME)
    assert done.code == 0, done.err
    assert json.loads(place("list", "--json").out) == []
    assert set(json.loads(place("sandbox", "status", "--json").out)["instances"]) <= {"terminated"}
    assert not list((place.home / "clusters").iterdir())
    assert not list((place.home / "sandbox" / "machines").glob("i-*"))
    assert NAME not in (place.home / "ssh_config").read_text()
