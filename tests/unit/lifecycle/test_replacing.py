"""What is decided about lost machines, and what is written before anything is done."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.errors import HostFailure
from hpcctl.lifecycle.configuring import Outcome
from hpcctl.lifecycle.consoles import keep_consoles, rescue_consoles
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.replacing import can_go_on, leave_out, settle_lost
from hpcctl.state import ClusterRecord, Phase
from hpcctl.workspace import Workspace, write_files
from tests.machines.home import Silent
from tests.specs import sized
from tests.unit.records import RECORD, SPEC


def record_of(nodes: int, *, min_nodes: int | None = None, given_up: tuple[str, ...] = ()) -> ClusterRecord:
    spec = replace(sized(SPEC, nodes), min_nodes=min_nodes)
    return replace(RECORD, spec=spec, given_up=given_up)


def outcome(*failures: HostFailure) -> Outcome:
    return Outcome(unchanged=0, checks=(), failures=failures)


@pytest.mark.parametrize(
    ("record", "lost", "goes_on"),
    [
        (record_of(4), ["node002"], False),
        (record_of(4, min_nodes=3), ["node002"], True),
        (record_of(4, min_nodes=3), ["node002", "node003"], False),
        (record_of(4, min_nodes=1), ["node001", "node002", "node003"], True),
        (record_of(4, min_nodes=1), ["head"], False),
        (record_of(4, min_nodes=3, given_up=("node001",)), ["node002"], False),
        (record_of(4, min_nodes=2, given_up=("node001",)), ["node002"], True),
    ],
)
def test_enough_good_nodes_go_on(record: ClusterRecord, lost: list[str], goes_on: bool) -> None:
    assert can_go_on(record, lost) is goes_on


def test_the_nodes_of_a_cluster_are_those_not_given_up() -> None:
    assert record_of(3).node_names == ("head", "node001", "node002")
    assert record_of(3, given_up=("node001",)).node_names == ("head", "node002")


def test_lost_is_who_never_answered_and_not_who_lives_and_fails() -> None:
    steps = ("ssh", "first boot", "start", "nfs mounts")
    failed = outcome(*(HostFailure(host=f"at {step}", step=step) for step in steps))
    assert {failure.host for failure in failed.lost} == {"at ssh", "at first boot", "at start"}


def test_values_lose_the_nodes_that_were_given_up_and_nothing_else(tmp_path: Path) -> None:
    workspace = Workspace(home=tmp_path, name="demo")
    both = {"head": {"role": "head"}, "node001": {"role": "compute"}}
    values = {"nodes": both, "user_data": {name: "#!" for name in both}, "share_gib": 4}
    write_files(workspace.terraform, {"terraform.tfvars.json": json.dumps(values)})
    for _ in range(2):
        leave_out(workspace, record_of(2, given_up=("node001",)))
    written = json.loads((workspace.terraform / "terraform.tfvars.json").read_text())
    assert written == {"nodes": {"head": {"role": "head"}}, "user_data": {"head": "#!"}, "share_gib": 4}


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.CREATING])
def test_a_cluster_that_was_ready_once_loses_nothing_more(tmp_path: Path, phase: Phase) -> None:
    workspace = Workspace(home=tmp_path, name="demo")
    failed = outcome(HostFailure(host="node001", step="ssh"))
    record = replace(RECORD, phase=phase)
    settled = settle_lost(workspace, record, failed, Context(home=tmp_path, progress=Silent()))
    assert settled == (record, failed)


def test_consoles_of_both_machines_are_kept_and_outlive_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = iter(["Booting\nKernel panic\n", ""])
    monkeypatch.setattr("hpcctl.lifecycle.consoles.console_output", lambda *_: next(shown))
    workspace = Workspace(home=tmp_path, name="demo")
    context = Context(home=tmp_path, progress=Silent())
    for _ in range(2):
        keep_consoles(workspace, RECORD, ["node001", "node007"], context)
    (copy,) = rescue_consoles(workspace, ["node001", "node007"])
    workspace.remove()
    text = copy.read_text()
    assert text.count("== node001, i-2, ") == 2
    assert "Kernel panic" in text
    assert text.endswith("(it shows nothing)\n")
    assert copy.name == "demo-console-node001.txt"
    assert copy.stat().st_mode & 0o077 == 0
