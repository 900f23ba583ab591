"""What is said after Ctrl-C: what is left, which command goes on, which takes away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.errors import Interrupted
from hpcctl.lifecycle.interrupted import interrupted
from hpcctl.state import Phase
from hpcctl.workspace import Workspace
from tests.unit.records import RECORD


def told(home: Path, verb: str, phase: Phase | None) -> Interrupted:
    workspace = Workspace(home=home, name="demo")
    if phase:
        workspace.save(replace(RECORD, phase=phase))
    return interrupted(workspace, verb, cause=KeyboardInterrupt())


@pytest.mark.parametrize(
    ("verb", "phase", "message", "hints"),
    [
        ("create", Phase.CREATING, "demo is unfinished", ["same `hpcctl create`", "hpcctl terminate demo"]),
        ("stop", Phase.STOPPING, "demo is half stopped", ["hpcctl stop demo", "hpcctl start demo"]),
        ("start", Phase.STARTING, "demo is half started", ["hpcctl start demo", "hpcctl terminate demo"]),
        ("terminate", Phase.TERMINATING, "demo is half terminated", ["hpcctl terminate demo` goes on"]),
        ("terminate", Phase.READY, "demo is ready, as before", ["hpcctl terminate demo"]),
        ("check", Phase.DEGRADED, "demo is degraded, as before", ["hpcctl check demo"]),
        ("create", None, "nothing of demo was made", []),
        ("terminate", None, "nothing is left of demo", []),
        ("recover", None, "was stopped", ["hpcctl recover demo"]),
    ],
)
def test_it_says_what_is_left_and_what_goes_on(
    tmp_path: Path, verb: str, phase: Phase | None, message: str, hints: list[str]
) -> None:
    error = told(tmp_path, verb, phase)
    assert error.message.startswith(f"`hpcctl {verb}` was stopped")
    assert message in error.message
    assert all(hint in error.hint for hint in hints)
    assert error.exit_code == 130


def test_before_there_is_a_cluster_the_words_of_the_cause_stay(tmp_path: Path) -> None:
    cause = Interrupted("the base is half made")
    workspace = Workspace(home=tmp_path, name="demo")
    assert interrupted(workspace, "create", cause=cause) is cause
