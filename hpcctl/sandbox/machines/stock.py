"""What machines are made of: the image and the saved boot, made once, whoever asks first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hpcctl.errors import SandboxError
from hpcctl.sandbox.machines import qemu
from hpcctl.sandbox.machines.host import require_programs
from hpcctl.sandbox.machines.image import Image, Images
from hpcctl.sandbox.machines.savedboot import SavedBoot, ensure_saved_boot


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The image, and the saved boot unless machines boot cold."""

    image: Image
    boot: SavedBoot | None


class Stock:
    """The parts of one sandbox's machines. Safe to ask from many threads."""

    def __init__(self, home: Path, engine: qemu.Engine, *, cold_boot: bool) -> None:
        self._images = Images(home)
        self._engine = engine
        self._cold_boot = cold_boot
        self._preparing = threading.Lock()
        self._failed = 0
        self._failure: SandboxError | None = None
        self._parts: Parts | None = None

    def parts(self, say: Callable[[str], None]) -> Parts:
        """The parts machines are made of. Whoever waits for an attempt shares its failure; the next tries anew."""
        seen = self._failed
        with self._preparing:
            if self._parts is None:
                if self._failure is not None and self._failed != seen:
                    raise self._failure
                try:
                    self._parts = self._make(say)
                except SandboxError as error:
                    self._failure, self._failed = error, self._failed + 1
                    raise
            return self._parts

    def _make(self, say: Callable[[str], None]) -> Parts:
        require_programs()
        with self._images.lock():
            image = self._images.ensure(say)
            boot = None if self._cold_boot else ensure_saved_boot(image, self._engine, say)
        return Parts(image=image, boot=boot)
