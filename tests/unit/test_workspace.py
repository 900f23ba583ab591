"""The folder of a cluster: round trip, damage, listing, lock, removal."""

from __future__ import annotations

import json
import multiprocessing
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.errors import Locked, StateError, UnknownCluster
from hpcctl.workspace import Workspace, entries, workspaces, write_files
from tests.unit.records import RECORD, SPEC


def saved(home: Path, name: str = "demo") -> Workspace:
    workspace = Workspace(home=home, name=name)
    workspace.save(replace(RECORD, spec=replace(SPEC, name=name)))
    return workspace


def test_a_record_survives_the_disk(tmp_path: Path) -> None:
    assert saved(tmp_path).load() == RECORD


def test_a_record_without_the_later_parts_survives(tmp_path: Path) -> None:
    bare = replace(RECORD, facts=None, base=None, inventory=None, timings=(), spec=replace(SPEC, tags=()))
    workspace = Workspace(home=tmp_path, name="demo")
    workspace.save(bare)
    assert workspace.load() == bare


def test_files_and_folders_are_for_the_user_only(tmp_path: Path) -> None:
    workspace = saved(tmp_path / "home")
    write_files(workspace.terraform, {"modules/nodes/main.tf": "x"})
    for path in (tmp_path / "home").rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_an_unknown_cluster_is_answered_with_the_nearest(tmp_path: Path) -> None:
    saved(tmp_path)
    with pytest.raises(UnknownCluster) as caught:
        Workspace(home=tmp_path, name="demmo").load()
    assert caught.value.hint == "did you mean demo?"


def test_an_unknown_cluster_without_any_points_to_create(tmp_path: Path) -> None:
    with pytest.raises(UnknownCluster) as caught:
        Workspace(home=tmp_path, name="demo").load()
    assert "create" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", "{}", '{"schema": 2}', "\x00"),
        json.dumps({**RECORD.to_json(), "phase": "odd"}),
        json.dumps({**RECORD.to_json(), "spec": {"name": "demo"}}),
        json.dumps({**RECORD.to_json(), "cloud": 1}),
        json.dumps({**RECORD.to_json(), "inventory": {"hosts": [{}]}}),
    ],
)
def test_a_damaged_record_names_the_file_and_hides_no_other(tmp_path: Path, text: str) -> None:
    saved(tmp_path, "good")
    damaged = saved(tmp_path, "bad")
    damaged.record_path.write_text(text)
    with pytest.raises(StateError) as caught:
        damaged.load()
    assert str(damaged.record_path) in caught.value.message
    assert "hpcctl recover bad" in caught.value.hint
    found = entries(tmp_path)
    assert [(entry.workspace.name, entry.record is None) for entry in found] == [
        ("bad", True),
        ("good", False),
    ]


def test_no_home_means_no_clusters(tmp_path: Path) -> None:
    assert workspaces(tmp_path / "nowhere") == ()


def test_a_removed_cluster_is_gone_and_removing_again_is_no_error(tmp_path: Path) -> None:
    workspace = saved(tmp_path)
    workspace.remove()
    workspace.remove()
    assert workspaces(tmp_path) == ()
    assert list((tmp_path / "clusters").iterdir()) == []


@pytest.mark.usefixtures("unobserved")
def test_a_second_lock_says_who_has_the_first(tmp_path: Path) -> None:
    workspace = saved(tmp_path)
    with (
        workspace.lock("create"),
        pytest.raises(Locked, match=r"demo is in use by hpcctl create \(process \d+, since"),
        workspace.lock("terminate"),
    ):
        pass
    with workspace.lock("terminate"):
        pass


def _hold(home: Path, held: multiprocessing.synchronize.Event) -> None:
    with Workspace(home=home, name="demo").lock("create"):
        held.set()
        multiprocessing.Event().wait()


@pytest.mark.usefixtures("unobserved")
def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    process = context.Process(target=_hold, args=(tmp_path, held))
    process.start()
    assert held.wait(30)
    workspace = Workspace(home=tmp_path, name="demo")
    with pytest.raises(Locked, match=f"process {process.pid}"), workspace.lock("terminate"):
        pass
    process.kill()
    process.join()
    with workspace.lock("terminate"):
        pass


@pytest.mark.usefixtures("unobserved")
def test_waiting_for_a_lock_says_for_whom_and_gets_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    process = context.Process(target=_hold, args=(tmp_path, held))
    process.start()
    assert held.wait(30)
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        process.kill()

    with Workspace(home=tmp_path, name="demo").lock("terminate", wait=True, say=say):
        process.join()
    assert said
    assert f"process {process.pid}" in said[0]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = saved(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StateError, match="No space left"):
        workspace.save(replace(RECORD, created="later"))
    assert workspace.load() == RECORD
    assert [path.name for path in workspace.path.iterdir()] == ["cluster.json"]
