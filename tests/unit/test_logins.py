"""The ssh config follows the clouds' addresses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hpcctl.logins import publish, with_addresses
from hpcctl.workspace import Workspace
from tests.unit.records import RECORD
from tests.unit.test_overview import instance


def saved(home: Path) -> Workspace:
    workspace = Workspace(home=home, name="demo")
    workspace.save(RECORD)
    return workspace


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
