"""A program that answers as Terraform does, and a folder for it to work in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

FakeTerraform = Callable[..., Path]

_FAKE = """#!/bin/sh
echo "$@" >>{folder}/calls
case $1 in
version) echo '{{"terraform_version": "{version}"}}' ;;
init) {init}
    mkdir -p "$TF_DATA_DIR/providers/local/aws" && echo "# locked" >.terraform.lock.hcl ;;
show) cat {folder}/shown ;;
*) cat {folder}/answer; exit {code} ;;
esac
"""


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting and no file of the person who runs the tests plays a part."""
    home = tmp_path / "user"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR", "HPCCTL_TERRAFORM", "TERRAFORM_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HPCCTL_PROVIDER_MIRROR", str(tmp_path / "no-mirror"))


@pytest.fixture
def fake(tmp_path: Path) -> FakeTerraform:
    """Makes the program: what ``init`` does first, what it answers, how it ends."""

    def make(
        *events: object,
        version: str = "1.11.4",
        init: str = ":",
        code: int = 0,
        name: str = "terraform",
        shown: object = None,
    ) -> Path:
        folder = tmp_path / "program"
        folder.mkdir(exist_ok=True)
        (folder / "calls").write_text("")
        lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
        (folder / "answer").write_text("".join(f"{line}\n" for line in lines))
        (folder / "shown").write_text(json.dumps(shown or {}))
        program = folder / name
        program.write_text(_FAKE.format(folder=folder, version=version, init=init, code=code))
        program.chmod(0o755)
        return program

    return make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A rendered root, as far as the adapter looks at it."""
    path = tmp_path / "demo" / "terraform"
    path.mkdir(parents=True)
    (path / "main.tf").write_text("terraform {}\n")
    return path
