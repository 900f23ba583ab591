"""hpcctl as a process of its own that is interrupted or killed at a chosen moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.environments import own_environment
from tests.patience import PATIENCE

_DIE_AT = Path(__file__).with_name("die_at.py")


@dataclass(frozen=True, kw_only=True)
class Said:
    """How a run ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def is_calm(self) -> bool:
        """No traceback, and no mistake of ours."""
        return not any(word in self.err for word in ("Traceback", "a mistake in hpcctl", "Exception ignored"))


@dataclass(frozen=True, kw_only=True)
class Place:
    """A home and a user's folder."""

    home: Path
    user: Path

    def environment(self) -> dict[str, str]:
        """The user's environment, but for AWS and for where things are."""
        return own_environment(self.home, self.user)

    def __call__(self, *words: str) -> Said:
        """Run hpcctl to its end."""
        with self.running(*words) as run:
            return run.end()

    @contextmanager
    def running(self, *words: str, die_at: str = "") -> Iterator[Running]:
        """Run hpcctl beside the test; ``die_at`` is a pattern: it dies where such a path is to appear.

        It leads a process group of its own, as a job does in a shell.
        """
        command = [str(_DIE_AT), die_at, *words] if die_at else ["-m", "hpcctl", *words]
        log = self.user / f"run-{time.monotonic_ns()}"
        with log.with_suffix(".out").open("wb") as out, log.with_suffix(".err").open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, *command],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        try:
            yield Running(process=process, log=log)
        finally:
            process.kill()
            process.wait()


@dataclass(frozen=True, kw_only=True)
class Running:
    """A run that has not ended yet."""

    process: subprocess.Popen[bytes]
    log: Path

    def until(self, moment: str | Callable[[], object]) -> None:
        """Wait until the words appear, or the condition holds; the run must not end before."""
        deadline = time.monotonic() + PATIENCE
        condition = (lambda: moment in self.err) if isinstance(moment, str) else moment
        while not condition():
            assert self.process.poll() is None, f"it ended before {moment}: {self.err}"
            assert time.monotonic() < deadline, f"it never came to {moment}: {self.err}"
            time.sleep(0.02)

    def press(self, number: signal.Signals = signal.SIGINT) -> None:
        """Ctrl-C, as the terminal sends it: to the whole group."""
        with suppress(ProcessLookupError):  # it has ended meanwhile
            os.killpg(self.process.pid, number)

    def kill(self) -> Said:
        """kill -9 of hpcctl alone."""
        self.process.kill()
        return self.end()

    def end(self) -> Said:
        """Wait for its end."""
        code = self.process.wait(PATIENCE)
        return Said(code=code, out=self.log.with_suffix(".out").read_text(), err=self.err)

    @property
    def err(self) -> str:
        """What it has written to standard error so far."""
        return self.log.with_suffix(".err").read_text()
