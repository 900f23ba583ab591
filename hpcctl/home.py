"""Where hpcctl keeps everything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hpcctl.errors import UsageError


def home_folder(environ: Mapping[str, str]) -> Path:
    """``$HPCCTL_HOME``, by default ``~/.hpcctl``; always absolute. UsageError if ssh could not be told of it."""
    chosen = environ.get("HPCCTL_HOME")
    home = Path(chosen).expanduser().absolute() if chosen else Path.home() / ".hpcctl"
    if not nameable(str(home)):
        raise UsageError(
            f"HPCCTL_HOME cannot be {str(home)!r}",
            hint="a path without line breaks and other control characters, and without ${: ssh could not be told of it",
        )
    return home


def nameable(path: str) -> bool:
    """Whether an ssh config can name this path: it has no way to write these characters."""
    return "${" not in path and path.isprintable()
