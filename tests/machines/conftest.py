"""A home of its own for the tests, with the images of the user's: making one takes minutes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.machines.home import home_with_images


@pytest.fixture(scope="session")
def machines_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return home_with_images(tmp_path_factory.mktemp("machines"))
