"""A home of its own for the tests, with the images of the user's: making one takes minutes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def machines_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cache = Path(os.environ.get("HPCCTL_HOME") or Path.home() / ".hpcctl") / "sandbox" / "images"
    cache.mkdir(parents=True, exist_ok=True)
    home = tmp_path_factory.mktemp("home")
    (home / "sandbox").mkdir()
    (home / "sandbox" / "images").symlink_to(cache)
    return home
