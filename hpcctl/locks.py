"""One hpcctl at a time on one cluster, and a clear word to the second."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import IO

from hpcctl.errors import Locked
from hpcctl.files import PRIVATE_FILE, private_folder

POLL_SECONDS = 0.1
GLANCE_SECONDS = 0.5
"""``active`` takes the lock for a moment; nobody is sent away because of that."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who has a lock: the process, what it does, since when, on which machine; ``who`` is the person, if told."""

    pid: int
    verb: str
    since: str
    host: str = ""
    who: str = ""

    def __str__(self) -> str:
        person = f" of {self.who}" if self.who else ""
        where = "" if self.is_here else f" on {self.host}"
        return f"hpcctl {self.verb} (process {self.pid}{person}{where}, since {self.since})"

    @property
    def is_here(self) -> bool:
        """Is it a process of this machine?"""
        return self.host in ("", socket.gethostname())


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
        _write(file, Holder(pid=os.getpid(), verb=verb, since=_now(), host=socket.gethostname()))
        try:
            yield
        finally:
            file.seek(0)
            file.truncate()


def holder(path: Path) -> Holder | None:
    """What the lock's file says; it may be out of date by a moment."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Holder(
            pid=int(data["pid"]),
            verb=str(data["verb"]),
            since=str(data["since"]),
            host=str(data.get("host", "")),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _acquire(file: IO[str], path: Path, wait: bool, say: Callable[[str], None] | None) -> None:
    told = False
    patient_until = time.monotonic() + GLANCE_SECONDS
    while not _try(file):
        if time.monotonic() >= patient_until:
            present = holder(path)
            if not wait:
                raise _refused(path, present)
            if say and not told:
                say(f"waiting for {present or 'another hpcctl'}")
                told = True
        time.sleep(POLL_SECONDS)


def _refused(path: Path, present: Holder | None) -> Locked:
    if not present:
        return Locked(f"{path.stem} is in use by another hpcctl", hint="try again, or use --wait")
    end = f"`kill {present.pid}` stops it cleanly" + ("" if present.is_here else f" on {present.host}")
    return Locked(f"{path.stem} is in use by {present}", hint=f"--wait waits until it is done; {end}")


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
    """Who holds the lock now; None where nobody does.

    The kernel is asked, not the file: its words may be those of a process that was killed, of another one that has
    the same number by now, or of a machine from which the folder was copied.
    """
    try:
        with path.open("r+", encoding="utf-8") as file:
            return None if _try(file) else holder(path)
    except OSError:
        return None
