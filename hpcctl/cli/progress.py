"""A Progress that times phases, and one that tells of them line by line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from hpcctl.state import Timing

STOPPING = "stopping when nothing is lost by it; Ctrl-C once more ends everything at once"
QUIET_SECONDS = 10.0
"""A detail is told at most so often where every line stays."""


@dataclass
class Phase:
    """A phase that runs, or has run."""

    name: str
    depth: int
    started: float
    parent: Phase | None = None
    ended: float | None = None
    children: list[Phase] = field(default_factory=list)

    def seconds(self) -> float:
        """How long it took, or takes until now."""
        return (self.ended or time.monotonic()) - self.started

    def timings(self) -> Iterator[Timing]:
        """This phase and its parts."""
        yield Timing(name=self.name, seconds=round(self.seconds(), 3), depth=self.depth)
        for child in self.children:
            yield from child.timings()


class Recorder:
    """Times phases; drawing is for the classes below it. Safe to use from threads.

    A thread without a phase of its own works for the outermost phase of the first thread.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.roots: list[Phase] = []
        self._local = threading.local()
        self._main: list[Phase] = []
        self._main_thread = threading.get_ident()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    @property
    def timings(self) -> tuple[Timing, ...]:
        """All phases so far, each followed by its parts."""
        with self.lock:
            return tuple(timing for root in self.roots for timing in root.timings())

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """See ``Progress``."""
        stack = self._stack()
        phase = self._open(name, stack)
        try:
            yield
        except BaseException:
            self._close(phase, stack, failed=True)
            raise
        self._close(phase, stack, failed=False)

    def detail(self, text: str) -> None:
        """See ``Progress``."""

    def note(self, text: str) -> None:
        """See ``Progress``."""

    def warn(self, text: str) -> None:
        """See ``Progress``."""

    def stopping(self) -> None:
        """Ctrl-C was pressed. Called in a signal handler: no lock may be taken."""

    def opened(self, phase: Phase) -> None:
        """A phase began."""

    def closed(self, phase: Phase, *, failed: bool) -> None:
        """A phase ended."""

    def _stack(self) -> list[Phase]:
        if threading.get_ident() == self._main_thread:
            return self._main
        if not hasattr(self._local, "stack"):
            self._local.stack = []
        stack: list[Phase] = self._local.stack
        return stack

    def _open(self, name: str, stack: list[Phase]) -> Phase:
        with self.lock:
            parent = stack[-1] if stack else (self._main[0] if self._main else None)
            depth = parent.depth + 1 if parent else 0
            phase = Phase(name=name, depth=depth, started=time.monotonic(), parent=parent)
            (parent.children if parent else self.roots).append(phase)
            stack.append(phase)
        # outside of the lock: what draws has locks of its own, and its thread waits for ours
        self.opened(phase)
        return phase

    def _close(self, phase: Phase, stack: list[Phase], *, failed: bool) -> None:
        with self.lock:
            phase.ended = time.monotonic()
            stack.remove(phase)
        self.closed(phase, failed=failed)


class PlainProgress(Recorder):
    """For logs and pipes: a line when a phase begins, a line when it ends."""

    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__()
        self._write = write
        self._last_detail = ("", time.monotonic())

    def stopping(self) -> None:
        with suppress(RuntimeError):  # the signal came in the middle of a line
            self._write(STOPPING)

    def opened(self, phase: Phase) -> None:
        self._write(f"{'  ' * phase.depth}==> {phase.name}")
        self._last_detail = ("", time.monotonic())

    def closed(self, phase: Phase, *, failed: bool) -> None:
        outcome = "failed after" if failed else "done in"
        self._write(f"{'  ' * phase.depth}    {phase.name}: {outcome} {phase.seconds():.1f} s")

    def detail(self, text: str) -> None:
        with self.lock:
            told, since = self._last_detail
            if text and text != told and time.monotonic() - since >= QUIET_SECONDS:
                self._write(f"    {text}")
                self._last_detail = (text, time.monotonic())

    def note(self, text: str) -> None:
        self._write(f"    note: {text}")

    def warn(self, text: str) -> None:
        self._write(f"    warning: {text}")
