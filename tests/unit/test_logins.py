"""The ssh config follows the clouds' addresses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl import logins
from hpcctl.errors import UnreachableError
from hpcctl.logins import config_path, publish, refresh, with_addresses
from hpcctl.workspace import Workspace
from tests.unit.records import RECORD
from tests.unit.test_overview import instance


def saved(home: Path) -> Workspace:
    workspace = Workspace(home=home, name="demo")
    workspace.save(RECORD)
    return workspace


def test_new_addresses_are_saved_and_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = saved(tmp_path)
    monkeypatch.setattr(logins, "instances_of", lambda *_: (instance("head", public_ip="127.7.7.7"),))
    (first,) = refresh(tmp_path)
    assert (first.name, first.changed, first.problem) == ("demo", True, "")
    inventory = workspace.load().inventory
    assert inventory
    assert [host.public_ip for host in inventory.hosts] == ["127.7.7.7", None]
    assert inventory.hosts[1].private_ip == "10.0.0.11"
    assert not refresh(tmp_path)[0].changed
    assert publish(tmp_path, ssh_folder=tmp_path / "ssh") == ()
    assert "HostName 127.7.7.7" in config_path(tmp_path).read_text()


def test_a_cluster_in_use_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = saved(tmp_path)
    monkeypatch.setattr(logins, "instances_of", lambda *_: ())
    with workspace.lock("terminate"):
        (only,) = refresh(tmp_path)
    assert "in use by hpcctl terminate" in only.problem
    assert workspace.load() == RECORD


def test_an_unreachable_cloud_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = saved(tmp_path)

    def nobody(*_: object) -> None:
        raise UnreachableError("nothing answers")

    monkeypatch.setattr(logins, "instances_of", nobody)
    assert refresh(tmp_path)[0].problem == "nothing answers"
    assert workspace.load() == RECORD


def test_a_damaged_and_an_unfinished_cluster_hold_nobody_up(tmp_path: Path) -> None:
    saved(tmp_path).record_path.write_text("{")
    Workspace(home=tmp_path, name="wing").save(replace(RECORD, inventory=None))
    assert [bool(one.problem) for one in refresh(tmp_path)] == [True, True]
    publish(tmp_path, ssh_folder=tmp_path / "ssh")
    assert "Host " not in config_path(tmp_path).read_text()


def test_a_host_of_the_users_own_is_warned_of(tmp_path: Path) -> None:
    saved(tmp_path)
    folder = tmp_path / "ssh"
    folder.mkdir()
    (folder / "config").write_text("Host demo\n  HostName example.org\n")
    (warning,) = publish(tmp_path, ssh_folder=folder)
    assert "Host demo of its own" in warning


def test_a_record_without_hosts_stays_as_it_is() -> None:
    bare = replace(RECORD, inventory=None)
    assert with_addresses(bare, (instance("head"),)) == bare
