"""One Terraform process: its output line by line, Ctrl-C passed on once, and no harm if we die.

The child writes to the log file and we read the log. With a pipe, the death of hpcctl would be a broken
pipe in the middle of creating something, and what was created would be forgotten.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

POLL_SECONDS = 0.05
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopper:
    """What Ctrl-C does: the first asks Terraform to finish what is under way, the second ends it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.requests = 0

    def watch(self, process: subprocess.Popen[bytes]) -> None:
        """From now on it is this process that is stopped; a request that came before counts."""
        self._process = process
        if self.requests:
            process.send_signal(signal.SIGINT)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """As a signal handler."""
        self.requests += 1
        # The child leads its own process group, so a terminal's Ctrl-C reaches it only through here, once.
        if self._process is None:
            return
        if self.requests == 1:
            self._process.send_signal(signal.SIGINT)
        else:
            kill_group(self._process)


def run(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    on_line: Callable[[str], None],
) -> tuple[int, bool]:
    """Run to the end and return the exit code and whether the user asked to stop.

    An exception out of ``on_line`` is held back until the process has ended: state comes first.
    """
    with log.open("ab") as sink, log.open("rb") as source, _handling_signals() as stopper:
        source.seek(0, os.SEEK_END)
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
        )
        stopper.watch(process)
        _follow(process, source, on_line)
        return process.returncode, stopper.requests > 0


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End the process and the providers that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _follow(process: subprocess.Popen[bytes], source: IO[bytes], on_line: Callable[[str], None]) -> None:
    held: Exception | None = None
    for line in _lines(process, source):
        try:
            if held is None:
                on_line(line)
        except Exception as error:
            held = error
    if held is not None:
        raise held


def _lines(process: subprocess.Popen[bytes], source: IO[bytes]) -> Iterator[str]:
    """Whole lines as they are written, until the process has ended and everything is read."""
    rest = b""
    ended = False
    while not ended:
        ended = _wait(process)
        rest += source.read()
        *whole, rest = rest.split(b"\n")
        yield from (line.decode(errors="replace") for line in whole)
    if rest:
        yield rest.decode(errors="replace")


def _wait(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(POLL_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


@contextmanager
def _handling_signals() -> Iterator[Stopper]:
    """Python hands signals to the main thread only; elsewhere the caller's own handling stays."""
    stopper = Stopper()
    if threading.current_thread() is not threading.main_thread():
        yield stopper
        return
    before = {number: signal.signal(number, stopper) for number in _SIGNALS}
    try:
        yield stopper
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
