"""Where a sandbox keeps its things. One sandbox belongs to one HPCCTL_HOME."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hpcctl.errors import SandboxError


@dataclass(frozen=True, kw_only=True)
class SandboxPaths:
    """The files of the sandbox of one home."""

    home: Path

    @property
    def folder(self) -> Path:
        """Everything that lasts: images, record, log."""
        return self.home / "sandbox"

    @property
    def record(self) -> Path:
        """What the running service says of itself."""
        return self.folder / "service.json"

    @property
    def log(self) -> Path:
        """What the service writes; the previous run's is beside it."""
        return self.folder / "service.log"

    @property
    def alive(self) -> Path:
        """Locked by the service as long as it lives, however it ends."""
        return self.folder / "alive.lock"

    @property
    def door(self) -> Path:
        """Locked by whoever starts or ends the service."""
        return self.folder / "door.lock"

    @property
    def digest(self) -> str:
        """Tells this home from others: in short paths and in the range of loopback addresses."""
        return hashlib.sha256(str(self.home.resolve()).encode()).hexdigest()

    @property
    def sockets(self) -> Path:
        """A folder with a short name: the path of a unix socket has room for about 100 characters."""
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
        return base / f"hpcctl-{os.getuid()}-{self.digest[:8]}-api"


def private_folder(path: Path) -> Path:
    """Make ``path`` for this user alone. Raises SandboxError if it is somebody else's."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = path.lstat()
    if path.is_symlink() or status.st_uid != os.getuid():
        raise SandboxError(f"{path} belongs to somebody else", hint="remove it, or set XDG_RUNTIME_DIR")
    if status.st_mode & 0o077:
        path.chmod(0o700)
    return path
