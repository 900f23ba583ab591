"""stop and start killed or interrupted half-way, against the API: the same command, or the other one, goes on."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hpcctl import sandbox
from hpcctl.aws import instances_of
from hpcctl.sandbox.client import SandboxClient
from hpcctl.sandbox.faults import Fault, FaultKind
from hpcctl.workspace import Workspace
from tests.killing import Place
from tests.sandbox.standing import login_keys, standing

pytestmark = pytest.mark.sandbox

RESUMED = "show tells it; the same command finishes it, and the other one leads back"
FAR = "==> wait for ssh"
STOP, START = ("stop", "--force", "demo"), ("start", "demo")


@pytest.fixture(scope="module")
def demo(ec2: Any, sandbox_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    home = tmp_path_factory.mktemp("standing")
    with standing(ec2, sandbox.cloud(sandbox_home), home) as workspace:
        login_keys(workspace)
        yield workspace


@pytest.fixture
def place(demo: Workspace, tmp_path: Path) -> Place:
    return Place(home=demo.home, user=tmp_path)


def told(place: Place) -> str:
    """The state, as both verbs tell it."""
    shown, listed = place("show", "demo", "--json"), place("list", "--json")
    assert shown.is_calm, shown.err
    word = str(json.loads(shown.out)["state"])
    assert [one["state"] for one in json.loads(listed.out)] == [word]
    return word


def states(demo: Workspace) -> set[str]:
    record = demo.load()
    return {one.state for one in instances_of(record.cloud, record.cluster_id)}


def dies(place: Place, words: tuple[str, ...], pattern: str) -> None:
    with place.running(*words, die_at=pattern) as run:
        said = run.end()
    assert said.code == -signal.SIGKILL, said.err


@pytest.mark.fault(
    "kill -9 of hpcctl", "stop: cluster.json is written, before and after the machines stop", RESUMED
)
def test_a_stop_that_is_killed(place: Place, demo: Workspace) -> None:
    dies(place, STOP, "*/demo/cluster.json")
    assert (told(place), states(demo)) == ("running", {"running"})
    dies(place, STOP, "2:*/demo/cluster.json")
    assert (told(place), states(demo)) == ("stopped", {"stopped"})
    done = place(*STOP)
    assert done.code == 0, done.err
    assert told(place) == "stopped"


@pytest.mark.fault(
    "kill -9 of hpcctl", "start: cluster.json is written, before and after the machines start", RESUMED
)
@pytest.mark.fault(
    "Ctrl-C", "start: machines boot", "it says what is left; stop and start both go on from there"
)
def test_a_start_that_is_killed(place: Place, demo: Workspace) -> None:
    dies(place, START, "*/demo/cluster.json")
    assert (told(place), states(demo)) == ("stopped", {"stopped"})
    dies(place, START, "2:*/demo/cluster.json")
    assert (told(place), states(demo)) == ("half started", {"running"})
    with place.running(*START) as run:
        run.until(FAR)
        assert told(place) == "starting"
        run.press()
        said = run.end()
    assert (said.code, said.is_calm) == (130, True)
    assert "demo is half started" in said.err
    assert "`hpcctl start demo` goes on, `hpcctl stop demo` stops it again" in said.err
    done = place(*STOP)
    assert done.code == 0, done.err
    assert (told(place), states(demo)) == ("stopped", {"stopped"})


@pytest.mark.fault("kill -9 of hpcctl", "stop and start: the API is asked", RESUMED)
@pytest.mark.parametrize(("verb", "half"), [("start", "stopped"), ("stop", "half stopped")])
def test_killed_while_the_api_is_asked(
    place: Place, demo: Workspace, control: SandboxClient, verb: str, half: str
) -> None:
    words, action = (STOP, "StopInstances") if verb == "stop" else (START, "StartInstances")
    if verb == "stop":
        run_to_ssh(place)
    control.add_fault(Fault(kind=FaultKind.THROTTLE, action=action, times=1000))
    with place.running(*words) as run:
        run.until(lambda: any(fault.times < 1000 for fault in control.faults()))
        run.kill()
    control.clear_faults()
    assert told(place) == half
    if verb == "start":
        run_to_ssh(place)
        assert states(demo) == {"running"}
    else:
        done = place(*STOP)
        assert done.code == 0, done.err
        assert states(demo) == {"stopped"}


def run_to_ssh(place: Place) -> None:
    with place.running(*START) as run:
        run.until(FAR)
        run.kill()


@pytest.mark.fault(
    "a second hpcctl on the same cluster",
    "start: machines boot",
    "it says who works there since when, or waits",
)
def test_every_verb_says_who_has_the_lock(place: Place) -> None:
    with place.running(*START) as holder:
        holder.until(FAR)
        words = f"demo is in use by hpcctl start (process {holder.process.pid}, since 20"
        for verb in (
            STOP,
            START,
            ("restart", "demo"),
            ("configure", "demo"),
            ("check", "demo"),
            ("update-ssh",),
        ):
            refused = place(*verb)
            assert refused.code == 1
            assert words in refused.err
        with place.running("update-ssh", "--wait") as waiting:
            waiting.until(f"waiting for hpcctl start (process {holder.process.pid}")
            waiting.press()
            assert waiting.end().code == 130
        with place.running("restart", "demo", "--wait") as waiting:
            waiting.until(f"waiting for hpcctl start (process {holder.process.pid}")
            waiting.press()
            said = waiting.end()
        assert (said.code, said.is_calm) == (130, True)
        assert "nothing was changed by it" in said.err
