"""Child processes that do not outlive the service: launched so that they die with it, recorded in case they do not."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from hpcctl.sandbox.machines.host import program

RECORD = "process.json"
"""The name of the file that says which process belongs to a folder."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """One process: its words, the folder that its record and its messages go to, and the files it inherits."""

    words: Sequence[str]
    folder: Path
    inherit: Sequence[int] = ()
    listen: bool = False


class Launcher:
    """Starts processes that are killed when the service dies.

    Linux sends that signal when the *thread* ends that started the process, so one thread starts them all.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="launcher")
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, launch: Launch) -> subprocess.Popen[bytes]:
        """Start it; its standard input is a pipe, and so is its output where ``listen`` is set."""
        running = self._thread.submit(_start, launch).result()
        self._processes = [process for process in (*self._processes, running) if process.returncode is None]
        return running

    def close(self) -> None:
        """End every process that is left."""
        self._thread.shutdown()
        for process in self._processes:
            end(process)


def _start(launch: Launch) -> subprocess.Popen[bytes]:
    with (launch.folder / "messages.log").open("ab") as messages:
        process = subprocess.Popen(
            [program("setpriv"), "--pdeathsig", "KILL", "--", *launch.words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if launch.listen else subprocess.DEVNULL,
            stderr=messages,
            pass_fds=tuple(launch.inherit),
            start_new_session=True,  # the user's Ctrl-C is not for the machines
        )
    record = {"pid": process.pid, "started": _started(process.pid)}
    temporary = launch.folder / f"{RECORD}.new"
    temporary.write_text(json.dumps(record))
    temporary.replace(launch.folder / RECORD)
    return process


def quote(path: Path) -> str:
    """A path as one word of a shell line (QEMU runs such lines)."""
    return shlex.quote(str(path))


def last_words(folder: Path) -> str:
    """What a process that failed wrote last."""
    try:
        lines = (folder / "messages.log").read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return "; ".join(line.strip() for line in lines[-3:])


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process of ours and take its exit."""
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def kill_recorded(folder: Path, *, seconds: float = 5.0) -> None:
    """Kill the process that a folder's record names, if it is still that very process, and wait for its end."""
    try:
        record = json.loads((folder / RECORD).read_text())
        pid, started = int(record["pid"]), record["started"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    if started is None or _started(pid) != started:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + seconds
    while _started(pid) == started and time.monotonic() < deadline:
        time.sleep(0.02)


def _started(pid: int) -> str | None:
    """When a process began, in the kernel's ticks; None for one that is gone or only waits to be collected."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in {"Z", "X"} else fields[19]
