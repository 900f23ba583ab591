"""The real Terraform, with one HPCCTL_HOME for all tests, so that init runs once for each shape of folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from hpcctl.terraform import Terraform, find_terraform


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def terraform(shared_home: Path) -> Terraform:
    return find_terraform(shared_home)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Where a rendered root is put: a folder beside it is for the log."""
    path = tmp_path / "terraform"
    path.mkdir()
    return path


def put(folder: Path, files: Mapping[str, str]) -> Path:
    """Write rendered files."""
    for relative, text in files.items():
        path = folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder
