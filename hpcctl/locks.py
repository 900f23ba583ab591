"""One hpcctl at a time on one cluster, and a clear word to the second."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import IO

from hpcctl.errors import Locked
from hpcctl.files import PRIVATE_FILE, private_folder

POLL_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who has a lock: the process, what it does, since when."""

    pid: int
    verb: str
    since: str

    def __str__(self) -> str:
        return f"hpcctl {self.verb} (process {self.pid}, since {self.since})"


@contextmanager
def locked(
    path: Path, *, verb: str, wait: bool = False, say: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold the lock file ``path``, or raise Locked that names its holder; with ``wait``, be patient.

    The kernel drops the lock with the process, so a killed hpcctl never leaves one behind. The file
    stays: removing it would let two processes hold "the" lock on two files of one name.
    """
    private_folder(path.parent)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    with os.fdopen(handle, "r+", encoding="utf-8") as file:
        _acquire(file, path, wait, say)
        _write(file, Holder(pid=os.getpid(), verb=verb, since=_now()))
        try:
            yield
        finally:
            file.seek(0)
            file.truncate()


def holder(path: Path) -> Holder | None:
    """What the lock's file says; it may be out of date by a moment."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Holder(pid=int(data["pid"]), verb=str(data["verb"]), since=str(data["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _acquire(file: IO[str], path: Path, wait: bool, say: Callable[[str], None] | None) -> None:
    told = False
    while not _try(file):
        present = holder(path)
        who = str(present) if present else "another hpcctl"
        if not wait:
            raise Locked(
                f"{path.stem} is in use by {who}",
                hint=f"wait until it is done, or end it with: kill {present.pid}" if present else "try again",
            )
        if say and not told:
            say(f"waiting for {who}")
            told = True
        time.sleep(POLL_SECONDS)


def _try(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(file: IO[str], present: Holder) -> None:
    file.seek(0)
    file.truncate()
    json.dump(asdict(present), file)
    file.flush()


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def active(path: Path) -> Holder | None:
    """Who holds the lock now, told without touching it; None where nobody does or the holder is dead."""
    present = holder(path)
    if present is None:
        return None
    try:
        os.kill(present.pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return present
