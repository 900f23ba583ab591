"""A home and a user of one's own, and the command line in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hpcctl.cli.main import run
from hpcctl.workspace import Workspace, write_files
from tests.unit.records import RECORD, SPEC


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


Hpcctl = Callable[..., Said]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "HPCCTL_PROFILE", "HPCCTL_TERRAFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("HPCCTL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "user").mkdir()
    return tmp_path / "home"


@pytest.fixture
def hpcctl(home: Path, capsys: pytest.CaptureFixture[str]) -> Hpcctl:
    def call(*words: str) -> Said:
        capsys.readouterr()
        code = run(words)
        written = capsys.readouterr()
        return Said(code=code, out=written.out, err=written.err)

    return call


@pytest.fixture
def demo(home: Path) -> Workspace:
    """A cluster that is known here; its cloud is a port on which nothing answers."""
    workspace = Workspace(home=home, name="demo")
    workspace.save(replace(RECORD, spec=SPEC))
    keys = ("id_ed25519", "id_ed25519.pub", "cluster_ed25519", "cluster_ed25519.pub", "known_hosts")
    write_files(workspace.path / "ssh", dict.fromkeys(keys, "as good as a key\n"))
    return workspace
