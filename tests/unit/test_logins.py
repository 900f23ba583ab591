"""The ssh config follows the clouds' addresses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

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


@pytest.mark.fault("kill -9 of hpcctl", "ssh_config is written", "the next run leaves one file, whole")
def test_half_a_file_of_a_killed_run_goes(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".ssh_config.k1ll3d").write_text("Host half")
    publish(home, ssh_folder=tmp_path / ".ssh")
    assert sorted(path.name for path in home.iterdir()) == ["locks", "ssh_config"]
