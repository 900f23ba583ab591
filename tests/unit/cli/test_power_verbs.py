"""stop, start, restart, configure: what they say, and how they end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpcctl.errors import CloudError, HostFailure
from hpcctl.lifecycle.configuring import Change, CheckResult, Outcome
from hpcctl.lifecycle.costing import Cost, Costs
from hpcctl.lifecycle.starting import Started
from hpcctl.lifecycle.stopping import Stopped
from hpcctl.state import Phase
from hpcctl.workspace import Workspace
from tests.unit.cli.conftest import Hpcctl
from tests.unit.records import RECORD, SPEC

COSTS = Costs(
    items=(
        Cost(what="/share", amount="50 GB gp3", usd=4.0),
        Cost(what="the nodes' disks", amount="40 GB gp3 (2 volumes)", usd=3.2),
    ),
    day="2026-01-02",
)


def stopping(monkeypatch: pytest.MonkeyPatch, costs: Costs = COSTS) -> list[str]:
    """Put something else in the place of the lifecycle's stop; the names it was called with."""
    stopped: list[str] = []

    def stop(name: str, *, context: Any, force: bool) -> Stopped:
        stopped.append(name)
        if name == "bad":
            raise CloudError("it is stuck")
        return Stopped(already=False, costs=costs)

    monkeypatch.setattr("hpcctl.lifecycle.stopping.stop", stop)
    return stopped


def test_stop_tells_what_still_costs_money(
    hpcctl: Hpcctl, demo: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping(monkeypatch)
    said = hpcctl("stop", demo.name)
    assert said.code == 0, said.err
    for text in ("demo is stopped", "50 GB gp3", "$4.00", "$7.20", "2026-01-02", "hpcctl start demo"):
        assert text in said.out


@pytest.mark.parametrize(
    ("costs", "words"),
    [
        (replace(COSTS, items=(replace(COSTS.items[0], usd=None), COSTS.items[1]), day=""), "unknown"),
        (Costs(problem="not allowed to describe the volumes"), "not known: not allowed"),
    ],
)
def test_what_is_not_known_is_not_guessed(
    hpcctl: Hpcctl, demo: Workspace, monkeypatch: pytest.MonkeyPatch, costs: Costs, words: str
) -> None:
    stopping(monkeypatch, costs)
    said = hpcctl("stop", demo.name)
    assert said.code == 0
    assert words in said.out + said.err
    assert "$4.00" not in said.out
    assert "$7.20" not in said.out


def test_stop_goes_on_with_the_others_when_one_fails(
    hpcctl: Hpcctl, home: Path, demo: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bad", "wing"):
        Workspace(home=home, name=name).save(replace(RECORD, spec=replace(SPEC, name=name)))
    stopped = stopping(monkeypatch)
    said = hpcctl("stop", "bad", demo.name, "wing", "bad")
    assert said.code == 1
    assert stopped == ["bad", "demo", "wing"]
    assert "it is stuck" in said.err
    assert hpcctl("stop", "demo", "wnig").code == 1
    assert stopped == ["bad", "demo", "wing"], "nothing is done where a name is wrong"


@pytest.mark.parametrize(("already", "words"), [(True, "running already"), (False, "demo is ready")])
def test_start_says_whether_there_was_something_to_do(
    hpcctl: Hpcctl, demo: Workspace, monkeypatch: pytest.MonkeyPatch, already: bool, words: str
) -> None:
    started = Started(record=RECORD, already=already)
    monkeypatch.setattr("hpcctl.lifecycle.starting.start", lambda *_, **__: started)
    said = hpcctl("start", demo.name)
    assert said.code == 0, said.err
    assert words in said.out


@pytest.mark.parametrize("verb", ["stop", "start", "restart", "configure"])
@pytest.mark.parametrize(
    ("phase", "hint"),
    [(Phase.CREATING, "the same `hpcctl create`"), (Phase.TERMINATING, "hpcctl terminate demo")],
)
def test_an_unfinished_cluster_is_refused_before_the_cloud_is_asked(
    hpcctl: Hpcctl, demo: Workspace, verb: str, phase: Phase, hint: str
) -> None:
    demo.save(replace(RECORD, phase=phase))
    said = hpcctl(verb, demo.name)
    assert said.code == 1
    assert hint in said.err
    assert demo.load().phase is phase


@pytest.mark.parametrize(
    "words", [["ssh", "demo"], ["check", "demo"], ["restart", "demo"], ["configure", "demo"]]
)
def test_a_stopped_cluster_is_to_be_started(hpcctl: Hpcctl, demo: Workspace, words: Sequence[str]) -> None:
    demo.save(replace(RECORD, phase=Phase.STOPPED))
    said = hpcctl(*words)
    assert said.code == 1
    assert "demo is stopped" in said.err
    assert "hpcctl start demo" in said.err


@pytest.mark.parametrize("verb", ["restart", "reboot"])
def test_restart_names_the_nearest_node(hpcctl: Hpcctl, demo: Workspace, verb: str) -> None:
    said = hpcctl(verb, demo.name, "nod001")
    assert said.code == 2
    assert "did you mean node001" in said.err


def outcome(*failures: HostFailure) -> Outcome:
    return Outcome(
        changes=(Change(host="node001", step="nfs mounts"), Change(host="node001", step="permanent")),
        unchanged=30,
        checks=(CheckResult(host="head", check="mpi job", passed=True, seconds=1.0),),
        failures=failures,
    )


def test_configure_says_what_it_changed(
    hpcctl: Hpcctl, demo: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hpcctl.lifecycle.reconfiguring.configure", lambda *_, **__: outcome())
    said = hpcctl("configure", demo.name)
    assert said.code == 0
    assert said.out.splitlines()[1].split("  ") == ["node001", "nfs mounts, permanent"]
    shown = json.loads(hpcctl("configure", demo.name, "--json").out)
    assert shown["changes"][0] == {"host": "node001", "step": "nfs mounts"}
    assert shown["failures"] == []


def test_configure_ends_with_4_when_a_host_fails(
    hpcctl: Hpcctl, demo: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = outcome(HostFailure(host="node001", step="ssh", output="no route"))
    monkeypatch.setattr("hpcctl.lifecycle.reconfiguring.configure", lambda *_, **__: failed)
    said = hpcctl("configure", demo.name)
    assert said.code == 4
    assert "no route" in said.err
    assert hpcctl("configure", demo.name, "--json").code == 4


def test_create_of_a_stopped_cluster_says_how_to_start_it(
    hpcctl: Hpcctl, home: Path, demo: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo.save(replace(RECORD, phase=Phase.STOPPED))
    (home / "config.hcl").write_text(
        'profile "lab" {\n  region = "us-east-1"\n  endpoint_url = "http://127.0.0.1:1"\n}\n'
    )
    monkeypatch.setattr("hpcctl.terraform.find_terraform", lambda home: None)
    said = hpcctl("create", "--profile", "lab", "demo", "2", "c5.xlarge", "50")
    assert said.code == 1
    assert "hpcctl start demo" in said.err
    assert demo.load().phase is Phase.STOPPED
