"""Where hpcctl keeps everything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def home_folder(environ: Mapping[str, str]) -> Path:
    """``$HPCCTL_HOME``, by default ``~/.hpcctl``; always absolute."""
    chosen = environ.get("HPCCTL_HOME")
    return Path(chosen).expanduser().absolute() if chosen else Path.home() / ".hpcctl"
