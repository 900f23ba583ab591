"""Words for several clusters, work side by side, and what is told of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpcctl.errors import CloudError, HostFailure, HostsFailed, Problem, SpecError
from hpcctl.lifecycle.configuring import Change, CheckResult, Outcome
from hpcctl.lifecycle.costing import Cost, Costs
from hpcctl.lifecycle.stopping import Stopped
from hpcctl.workspace import Workspace
from tests.unit.cli.conftest import Hpcctl
from tests.unit.records import RECORD, SPEC

SEATS = ("lab-01", "lab-02", "lab-03")
COSTS = Costs(items=(Cost(what="/share", amount="50 GB gp3", usd=4.0),), day="2026-01-02")


@pytest.fixture
def lab(home: Path) -> tuple[str, ...]:
    """A class of three, and a cluster of none."""
    for name in (*SEATS, "wing"):
        spec = replace(SPEC, name=name, class_name="lab" if name in SEATS else "")
        Workspace(home=home, name=name).save(replace(RECORD, spec=spec))
    return SEATS


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The clusters that the lifecycle's stop was called for."""
    names: list[str] = []

    def stop(name: str, *, context: Any, force: bool) -> Stopped:
        names.append(name)
        with context.progress.phase("stop"):
            context.progress.note(f"as {threading.current_thread().name}")
        if name == "lab-02":
            raise HostsFailed([HostFailure(host="node001", step="leave", output="no\nno")], hint="look")
        if name == "lab-03":
            raise CloudError("AWS said no", hint="ask it")
        return Stopped(already=False, costs=COSTS)

    monkeypatch.setattr("hpcctl.lifecycle.stopping.stop", stop)
    return names


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize("word", ["lab", "lab-*", "lab-0[123]"])
def test_a_class_is_stopped_side_by_side_and_failures_are_told_by_cluster(
    hpcctl: Hpcctl, stopped: list[str], word: str
) -> None:
    said = hpcctl("stop", word)
    assert said.code == 4  # the worst
    assert sorted(stopped) == [*SEATS]
    header, *rows = said.out.splitlines()
    assert header.split() == ["CLUSTER", "RESULT", "COSTS", "A", "MONTH", "TIME"]
    assert [row.split()[:2] for row in rows] == [
        ["lab-01", "stopped"],
        ["lab-02", "failed"],
        ["lab-03", "failed"],
    ]
    assert "$4.00" in rows[0]
    assert "lab-02  ==> stop" in said.err
    for name, words in (("lab-02", "node001: leave failed"), ("lab-03", "AWS said no")):
        assert words in said.err[said.err.index(f"\n{name}:\n") :]


@pytest.mark.usefixtures("lab")
def test_words_are_looked_up_first_and_all_that_mean_nothing_are_named(
    hpcctl: Hpcctl, stopped: list[str]
) -> None:
    said = hpcctl("stop", "lab", "wign", "lbb", "x*")
    assert said.code == 1
    assert not stopped
    for words in (
        "'wign'",
        "did you mean wing?",
        "'lbb'",
        "did you mean lab?",
        "no cluster has a name like 'x*'",
    ):
        assert words in said.err


@pytest.mark.usefixtures("lab")
def test_list_and_show_take_words(hpcctl: Hpcctl) -> None:
    assert [one["name"] for one in json.loads(hpcctl("list", "--json", "lab").out)] == [*SEATS]
    assert {one["class"] for one in json.loads(hpcctl("list", "--json").out)} == {"lab", None}
    assert [one["name"] for one in json.loads(hpcctl("show", "--json", "lab-0?", "wing").out)] == [
        *SEATS,
        "wing",
    ]
    assert json.loads(hpcctl("show", "--json", "wing").out)["name"] == "wing"
    assert hpcctl("show", "lab").out.count("cluster  ") == 3


def checked(name: str, *, passed: bool) -> tuple[CheckResult, ...]:
    if name == "lab-03":
        raise SpecError([Problem(where="zone", what="is gone")])
    return (CheckResult(host="head", check="nfs", passed=passed, seconds=1.0, message="why", hint="how"),)


@pytest.mark.usefixtures("lab")
def test_check_of_several_is_a_table_and_an_array(hpcctl: Hpcctl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "hpcctl.lifecycle.checking.check", lambda name, *, context: checked(name, passed=name == "lab-01")
    )
    said = hpcctl("check", "lab")
    assert said.code == 4
    assert [row.split()[:5] for row in said.out.splitlines()[1:3]] == [
        ["lab-01", "1", "of", "1", "passed"],
        ["lab-02", "0", "of", "1", "passed"],
    ]
    assert "lab-02: head: nfs" in said.err
    assert "zone: is gone" in said.err
    data = json.loads(hpcctl("check", "--json", "lab").out)
    assert [one["name"] for one in data] == [*SEATS]
    assert data[0]["checks"][0]["passed"] is True
    assert "zone" in data[2]["error"]


@pytest.mark.usefixtures("lab")
def test_configure_of_several_fails_where_a_step_did(hpcctl: Hpcctl, monkeypatch: pytest.MonkeyPatch) -> None:
    def configure(name: str, *, context: Any) -> Outcome:
        bad = (HostFailure(host="head", step="homes", output="full"),) if name == "lab-02" else ()
        return Outcome(changes=(Change(host="head", step="sge"),), unchanged=3, checks=(), failures=bad)

    monkeypatch.setattr("hpcctl.lifecycle.reconfiguring.configure", configure)
    said = hpcctl("configure", "lab")
    assert said.code == 4
    assert "1 steps on 1 nodes" in said.out
    assert "head: homes failed" in said.err
    data = json.loads(hpcctl("configure", "--json", "lab-01", "lab-02").out)
    assert [(one["name"], len(one["failures"])) for one in data] == [("lab-01", 0), ("lab-02", 1)]


Terminating = Callable[[], list[str]]


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []

    def terminate(name: str, *, context: Any) -> None:
        names.append(name)
        Workspace(home=context.home, name=name).remove()

    monkeypatch.setattr("hpcctl.lifecycle.terminating.terminate", terminate)
    return names


@pytest.mark.usefixtures("lab")
def test_terminate_shows_the_whole_list_before_it_asks_once(
    hpcctl: Hpcctl, home: Path, gone: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(
        "hpcctl.cli.console.confirm", lambda question, *, yes: bool(asked.append(yes)) or True
    )
    said = hpcctl("terminate", "lab-*", "wing", "lab-01")
    assert said.code == 0
    assert asked == [False]
    assert "removes 4 clusters" in said.err
    listed = [line.split() for line in said.err.splitlines() if line.startswith("  ")]
    assert [line[0] for line in listed] == ["CLUSTER", *SEATS, "wing"]
    assert {"50", "GB", "c5.xlarge"} <= set(listed[1])
    assert sorted(gone) == [*SEATS, "wing"]
    assert said.out.splitlines() == [f"{name} is terminated" for name in (*SEATS, "wing")]
    assert not [*(home / "clusters").iterdir()]


@pytest.mark.usefixtures("lab")
def test_terminate_off_a_terminal_needs_a_yes_and_a_pattern_must_match(
    hpcctl: Hpcctl, gone: list[str]
) -> None:
    assert hpcctl("terminate", "lab").code == 2
    assert hpcctl("terminate", "--yes", "wing", "x*").code == 1
    assert not gone
    assert hpcctl("terminate", "--yes", "--missing-ok", "wing", "x*", "nobody").code == 0
    assert gone == ["wing"]


@pytest.mark.usefixtures("lab")
def test_doctor_looks_at_several_and_at_one_whose_record_is_lost(hpcctl: Hpcctl, home: Path) -> None:
    Workspace(home=home, name="lab-02").record_path.write_text("{")
    data = json.loads(hpcctl("doctor", "--json", "lab-01", "lab-02").out)
    assert {one["cluster"] for one in data} == {"lab-01", "lab-02"}
    assert "problem" in [one["result"] for one in data if one["cluster"] == "lab-02"]
    assert hpcctl("doctor", "x*").code == 1
