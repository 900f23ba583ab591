"""A home for tests on machines, with the images of the user's own: making one takes minutes."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from tests.running.own_files import OWN_HPCCTL_HOME


def home_with_images(folder: Path) -> Path:
    """``folder/hpcctl``, whose images are those of the user's own home."""
    images = Path(os.environ[OWN_HPCCTL_HOME]) / "sandbox" / "images"
    images.mkdir(parents=True, exist_ok=True)
    home = folder / "hpcctl"
    (home / "sandbox").mkdir(parents=True, mode=0o700)
    (home / "sandbox" / "images").symlink_to(images)
    return home


class Silent:
    """A Progress for nobody."""

    def phase(self, name: str) -> AbstractContextManager[None]:
        """Not shown."""
        return nullcontext()

    def detail(self, text: str) -> None:
        """Nobody listens."""

    note = warn = detail
