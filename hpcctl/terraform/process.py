"""One Terraform process: its output line by line, Ctrl-C passed on once, and no harm if we die.

The child writes to the log file and we read the log. With a pipe, the death of hpcctl would be a broken
pipe in the middle of creating something, and what was created would be forgotten.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from hpcctl.errors import TerraformError
from hpcctl.files import write_atomically
from hpcctl.interrupts import INTERRUPTS
from hpcctl.terraform.turns import turn

POLL_SECONDS = 0.05
TURN_SECONDS = 45 * 60.0


class Stopper:
    """What Ctrl-C does: the first asks Terraform to finish what is under way, the second ends it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.asked = False

    def watch(self, process: subprocess.Popen[bytes]) -> None:
        """From now on it is this process that is stopped; a request that came before counts."""
        self._process = process
        if self.asked:
            process.send_signal(signal.SIGINT)

    def ask(self) -> None:
        """See ``Listener``."""
        self.asked = True
        # The child leads its own process group, so a terminal's Ctrl-C reaches it only through here, once.
        if self._process:
            self._process.send_signal(signal.SIGINT)

    def end(self) -> None:
        """See ``Listener``."""
        self.asked = True
        if self._process:
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
    stopper = Stopper()
    with log.open("ab") as sink, log.open("rb") as source:
        await_turn(log, sink)
        with turn(), INTERRUPTS.listening(stopper):
            source.seek(0, os.SEEK_END)
            process = _started(command, folder=folder, environment=environment, sink=sink)
            stopper.watch(process)
            write_atomically(_number_path(log), str(process.pid))
            _follow(process, source, on_line)
    return process.returncode, stopper.asked


def still_running(log: Path) -> str | None:
    """What an earlier hpcctl that was killed left running with this log, in words; None if that has ended.

    The kernel tells, by a lock on the log, not a number in a file.
    """
    try:
        with log.open("r+b") as sink:
            return None if _try_turn(sink) else _described(log)
    except FileNotFoundError:
        return None


def await_turn(log: Path, sink: IO[bytes] | None = None, *, seconds: float = TURN_SECONDS) -> None:
    """Wait until no Terraform runs with this log; then it is locked by ``sink``, if that is given.

    TerraformError if it takes longer than all that AWS is ever given.
    """
    deadline = time.monotonic() + seconds
    while not _try_turn(sink) if sink else still_running(log):
        if time.monotonic() > deadline:
            raise TerraformError(
                f"{_described(log)} has not ended in {seconds / 60:.0f} minutes",
                hint=f"look at its log: {log}",
            )
        time.sleep(POLL_SECONDS)


def _started(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str], sink: IO[bytes]
) -> subprocess.Popen[bytes]:
    """The child shares the lock on the log with its standard output: it ends when both of us have ended."""
    _number_path(Path(sink.name)).unlink(missing_ok=True)
    return subprocess.Popen(
        list(command),
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=sink,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        umask=0o077,
    )


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


def _try_turn(sink: IO[bytes]) -> bool:
    try:
        fcntl.flock(sink, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _number_path(log: Path) -> Path:
    return log.with_suffix(".pid")


def _described(log: Path) -> str:
    """Only good while the log is locked: then the number is that of who runs."""
    try:
        number = int(_number_path(log).read_text())
    except (OSError, ValueError):
        return "the Terraform of an hpcctl that was killed"
    return f"the Terraform of an hpcctl that was killed (process {number})"
