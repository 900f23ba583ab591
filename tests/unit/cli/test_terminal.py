"""Ctrl-C on a real terminal: at a question, and under the display that moves."""

from __future__ import annotations

import os
import pty
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hpcctl.workspace import Workspace

SECONDS = 20
CTRL_C = b"\x03"
_WITH_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    " os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)


@dataclass
class Terminal:
    """hpcctl with a terminal of its own, whose Ctrl-C is a key."""

    process: subprocess.Popen[bytes]
    handle: int
    shown: str = ""
    _open: bool = field(default=True)

    def until(self, words: str) -> None:
        deadline = time.monotonic() + SECONDS
        while words not in self.shown:
            assert time.monotonic() < deadline, self.shown
            assert self._read(), self.shown

    def until_asleep(self) -> None:
        """Until it reads: a signal that comes just before leaves Python waiting for a key all the same."""
        deadline = time.monotonic() + SECONDS
        stat = Path(f"/proc/{self.process.pid}/wchan")
        while stat.read_text() in ("", "0"):
            assert time.monotonic() < deadline, self.shown
            time.sleep(0.01)

    def press(self) -> None:
        os.write(self.handle, CTRL_C)

    def end(self) -> int:
        while self._read():
            pass
        return self.process.wait(SECONDS)

    def _read(self) -> bool:
        assert select.select([self.handle], [], [], SECONDS)[0], f"silent: {self.shown}"
        try:
            text = os.read(self.handle, 4096)
        except OSError:  # Linux tells the end of the other side so
            return False
        self.shown += text.decode(errors="replace")
        return bool(text)


@contextmanager
def terminal(*words: str) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _WITH_TERMINAL, "-m", "hpcctl", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm", "NO_COLOR": ""},
    )
    os.close(theirs)
    try:
        yield Terminal(process=process, handle=ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


@pytest.mark.fault("Ctrl-C", "a question", "nothing is done")
def test_at_a_question_nothing_is_done(demo: Workspace) -> None:
    with terminal("terminate", "demo") as run:
        run.until("Go on?")
        run.until_asleep()
        run.press()
        assert run.end() == 130
    assert "stopped at the question; nothing was done" in run.shown
    assert "Traceback" not in run.shown
    assert demo.exists()


@pytest.mark.fault(
    "Ctrl-C", "waiting for another hpcctl", "it says that nothing was changed, and that the other goes on"
)
def test_while_it_waits_for_another_hpcctl(demo: Workspace) -> None:
    with demo.lock("create"), terminal("terminate", "--yes", "--wait", "demo") as run:
        run.until("waiting for hpcctl create")
        run.press()
        assert run.end() == 130
    said = " ".join(run.shown.split())
    assert "`hpcctl terminate` was stopped; nothing was changed by it" in said
    assert f"demo is still in use by hpcctl create (process {os.getpid()}" in said
    assert "Traceback" not in said


@pytest.mark.fault("Ctrl-C", "preflight", "nothing was made")
def test_in_preflight_under_the_display(home: Path) -> None:
    silent = mute_cloud()
    home.mkdir(mode=0o700)
    port = silent.getsockname()[1]
    (home / "config.hcl").write_text(
        f'profile "slow" {{\n  region = "us-east-1"\n  endpoint_url = "http://127.0.0.1:{port}"\n}}\n'
    )
    with silent, terminal("create", "--profile", "slow", "demo", "2", "c5.xlarge", "4") as run:
        run.until("preflight")
        assert select.select([silent], [], [], SECONDS)[0], "nobody asks the cloud"
        run.press()
        run.until("stopping when nothing is lost by it")
        run.press()
        assert run.end() == 130
    assert "ended at once" in run.shown
    assert run.shown.rfind("\x1b[?25h") > run.shown.rfind("\x1b[?25l"), "the cursor stays hidden"
    assert "Traceback" not in run.shown
    assert not (home / "clusters" / "demo").exists()


def mute_cloud() -> socket.socket:
    """A cloud that takes connections and never answers."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(64)
    return server
