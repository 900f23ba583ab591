"""The one line that hpcctl puts into ``~/.ssh/config``; everything else there stays byte for byte."""

from __future__ import annotations

import errno
import os
import re
import shlex
from pathlib import Path

from hpcctl.errors import StateError
from hpcctl.files import PRIVATE_FILE, private_folder, write_atomically
from hpcctl.sshconfig import quote

_BLOCK = re.compile(rb"^\s*(?:host|match)\b", re.IGNORECASE)
_OURS = re.compile(rb'Include "(/[^"\\]+)/ssh_config"')
"""A line as ``include_line`` writes it; the group is the HPCCTL_HOME of it."""


def ensure_include(ours: Path, *, ssh_folder: Path) -> bool:
    """Make ``ssh_folder/config`` include ``ours``, before all else; True if the file was changed.

    Lines of a HPCCTL_HOME that is gone are dropped. A symlink stays one: the file it leads to is replaced.
    StateError with the very line to add by hand, where the file cannot be written.
    """
    line = include_line(ours)
    config = ssh_folder / "config"
    try:
        target = _target(config)
        present = target.read_bytes() if target.exists() else b""
        wanted = _without_stale(present)
        if not _includes(wanted, line):
            wanted = line.encode() + b"\n" + wanted
        if wanted == present:
            return False
        private_folder(ssh_folder)
        _replace(target, wanted)
    except OSError as error:
        raise StateError(
            f"{config} cannot be changed: {error.strerror or error}",
            hint=f"put this line first in it, or use `hpcctl ssh`: {line}",
        ) from error
    return True


def drop_stale_includes(ssh_folder: Path) -> int:
    """Remove the lines of every HPCCTL_HOME that is gone; how many there were. OSError where that cannot be done."""
    target = _target(ssh_folder / "config")
    present = target.read_bytes() if target.exists() else b""
    wanted = _without_stale(present)
    if wanted != present:
        _replace(target, wanted)
    return present.count(b"\n") - wanted.count(b"\n")


def include_line(ours: Path) -> str:
    """``Include "/home/me/.hpcctl/ssh_config"``."""
    return f"Include {quote(str(ours), tokens=False)}"


def taken_names(names: tuple[str, ...], *, ssh_folder: Path) -> tuple[str, ...]:
    """Those of ``names`` that the user's own ``Host`` lines already have; ours would win over them."""
    try:
        text = (ssh_folder / "config").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    own = {pattern for line in text.splitlines() for pattern in _patterns(line)}
    return tuple(name for name in names if name in own)


def _patterns(line: str) -> list[str]:
    word, _, rest = line.strip().replace("=", " ", 1).partition(" ")
    if word.lower() != "host":
        return []
    try:
        return shlex.split(rest, comments=True)
    except ValueError:
        return rest.split()


def _target(config: Path) -> Path:
    """The file behind a symlink. OSError for one that leads to itself."""
    try:
        target = config.resolve()
    except RuntimeError:  # a loop, up to Python 3.12; later it is resolved to itself, without a word
        target = config
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return target


def _without_stale(text: bytes) -> bytes:
    return b"".join(line for line in text.splitlines(keepends=True) if not _is_stale(line))


def _is_stale(line: bytes) -> bool:
    """Only a whole line of ours, and only where its folder is gone: a file alone is written again by its hpcctl."""
    found = _OURS.fullmatch(line.strip())
    return found is not None and not Path(os.fsdecode(found[1])).exists()


def _includes(text: bytes, line: str) -> bool:
    """Is the line there, before any Host or Match (inside such a block it would hold for that alone)?"""
    for present in text.splitlines():
        if present.strip() == line.encode():
            return True
        if _BLOCK.match(present):
            return False
    return False


def _replace(target: Path, content: bytes) -> None:
    """Write the new content with the old mode; a file its owner may not write is left alone."""
    mode = PRIVATE_FILE
    if target.exists():
        mode = target.stat().st_mode & 0o777
        if not mode & 0o200:
            raise PermissionError(13, "it is read-only")
    write_atomically(target, content, mode=mode)
