"""Whose keys the nodes are to accept, and when a machine must ask to be let in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hpcctl.lifecycle.access import has_access, with_logins
from hpcctl.steps.view import ClusterView
from hpcctl.workspace import Workspace, write_files

FILES = ("id_ed25519", "id_ed25519.pub", "cluster_ed25519", "cluster_ed25519.pub", "known_hosts")


class Told:
    """A head whose file says so much."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, path: str) -> str:
        assert path == "/etc/hpcctl/authorized_keys/hpc"
        return self._text


def test_every_key_that_the_head_accepts_is_kept_in_its_spelling(view: ClusterView) -> None:
    known: Any = Told(
        "# a comment\nssh-ed25519 AAAAother you@there\n\nssh-ed25519  AAAAlogin older-comment\n"
    )
    assert with_logins(view, known).authorized_keys == (
        "ssh-ed25519 AAAAlogin older-comment",
        "ssh-ed25519 AAAAcluster hpc@demo",
        "ssh-ed25519 AAAAother you@there",
    )


@pytest.mark.parametrize("lost", [None, *FILES])
def test_access_is_all_of_its_files(tmp_path: Path, lost: str | None) -> None:
    workspace = Workspace(home=tmp_path, name="demo")
    write_files(workspace.path / "ssh", dict.fromkeys(FILES, "something\n"))
    if lost:
        (workspace.path / "ssh" / lost).unlink()
    assert has_access(workspace) is (lost is None)
