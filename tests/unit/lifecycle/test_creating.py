"""A create that finds a cluster of that name says in what it is another one, and touches nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.errors import StateError
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.creating import CreateRequest, create
from hpcctl.state import Phase
from hpcctl.workspace import Workspace
from tests.machines.home import Silent
from tests.unit.records import CLOUD, RECORD, SPEC


@pytest.mark.parametrize(
    ("phase", "said"),
    [
        (Phase.CREATING, "an unfinished cluster called demo is there, with other settings"),
        (Phase.DEGRADED, "an unfinished cluster called demo is there, with other settings"),
        (Phase.READY, "there is a cluster called demo already (ready)"),
        (Phase.STOPPED, "there is a cluster called demo already (stopped)"),
    ],
)
def test_what_a_changed_file_has_changed_is_told(tmp_path: Path, phase: Phase, said: str) -> None:
    workspace = Workspace(home=tmp_path, name="demo")
    workspace.save(replace(RECORD, phase=phase))
    asked = replace(SPEC, user="alice", head=replace(SPEC.head, root_gib=40), min_nodes=1)
    with pytest.raises(StateError) as caught:
        create(CreateRequest(spec=asked, cloud=CLOUD), context=Context(home=tmp_path, progress=Silent()))
    assert caught.value.message.startswith(said)
    changes = "head.root_size is 20, and 40 is asked for; user is hpc, and alice is asked for"
    assert caught.value.message.endswith(f": {changes}")
    assert "hpcctl terminate demo" in caught.value.hint
    assert workspace.load().spec == SPEC


def test_a_cluster_that_is_ready_and_the_same_is_not_called_another(tmp_path: Path) -> None:
    Workspace(home=tmp_path, name="demo").save(replace(RECORD, phase=Phase.STOPPED))
    with pytest.raises(StateError) as caught:
        create(CreateRequest(spec=SPEC, cloud=CLOUD), context=Context(home=tmp_path, progress=Silent()))
    assert caught.value.message == "there is a cluster called demo already (stopped)"
