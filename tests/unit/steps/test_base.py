"""Steps of every node, run by a real bash on a folder that stands for the machine."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.configure import logins_stage
from hpcctl.spec.model import Role
from hpcctl.steps.script import script_for
from hpcctl.steps.view import ClusterView

KEYS = ("ssh-ed25519 AAAAone me@here", 'ssh-ed25519 AAAA+/two= it\'s "me" $(false) `false`')


def logins(view: ClusterView, file: Path) -> str:
    """How the step ended."""
    script = script_for(logins_stage(replace(view, authorized_keys=KEYS)), Role.COMPUTE)
    script = script.replace("/etc/hpcctl/authorized_keys", str(file.parent))
    done = subprocess.run(["bash", "-s"], input=script, capture_output=True, text=True, check=False)
    return done.stdout.split("\t")[2]


@pytest.mark.parametrize("before", [None, "", "ssh-rsa BBBB other\n", "ssh-rsa BBBB other", f"{KEYS[1]}\n"])
def test_logins_adds_what_is_lacking_and_takes_nothing_away(
    view: ClusterView, tmp_path: Path, before: str | None
) -> None:
    file = tmp_path / "keys" / "hpc"
    if before is not None:
        file.parent.mkdir()
        file.write_text(before)
    assert logins(view, file) == "changed"
    lines = file.read_text().splitlines()
    assert lines[: len((before or "").splitlines())] == (before or "").splitlines()
    assert set(lines) == {*(before or "").splitlines(), *KEYS}
    assert len(lines) == len(set(lines))
    assert file.stat().st_mode & 0o777 == 0o644
    assert logins(view, file) == "unchanged"
