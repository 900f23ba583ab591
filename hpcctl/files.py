"""Files that are either the old ones or the new ones, never half of each."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_DOOMED = ".removed"


def write_atomically(path: Path, text: str | bytes, *, mode: int = PRIVATE_FILE) -> None:
    """Put ``text`` at ``path`` in one move; an OSError names ``path``.

    The folder must exist; a symlink there would be replaced.
    """
    content = text.encode() if isinstance(text, str) else text
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException as error:
        Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError):  # a disk that is full tells no name
            error.filename = str(path)
        raise


def private_folder(path: Path) -> Path:
    """The folder, made for this user only where it is missing (its parents as well)."""
    for folder in (*reversed(path.parents), path):
        if not folder.exists():
            folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    return path


def forget(folder: Path) -> None:
    """Remove a folder. It disappears in one move and is emptied afterwards."""
    move_away(folder)
    shutil.rmtree(moved_away(folder), ignore_errors=True)


def move_away(folder: Path) -> None:
    """The one move alone: ``sweep`` empties what is there now."""
    shutil.rmtree(moved_away(folder), ignore_errors=True)
    with suppress(FileNotFoundError):
        folder.rename(moved_away(folder))


def moved_away(folder: Path) -> Path:
    """Where ``move_away`` puts a folder."""
    return folder.with_name(f".{folder.name}{_DOOMED}")


def sweep(parent: Path) -> None:
    """Empty all that was moved away in ``parent``, by whomever."""
    for folder in parent.glob(f".*{_DOOMED}"):
        shutil.rmtree(folder, ignore_errors=True)
