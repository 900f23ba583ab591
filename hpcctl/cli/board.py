"""The progress of several clusters at once: a lane for each, line by line or alive on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from hpcctl.cli.progress import STOPPING, PlainProgress, Recorder
from hpcctl.errors import HostsFailed, HpcctlError, Interrupted, SpecError


class Board(Protocol):
    """Where the lanes are shown."""

    def __enter__(self) -> Board: ...

    def __exit__(self, *_: object) -> None: ...

    def lane(self, name: str) -> Recorder:
        """The progress of one cluster; called in the thread that works on it."""

    def ended(self, name: str, seconds: float, failure: HpcctlError | None) -> None:
        """It is done with this one."""

    def stopping(self) -> None:
        """Ctrl-C was pressed. Called in a signal handler: no lock may be taken."""


class PlainBoard:
    """For logs and pipes: every line begins with the name of its cluster."""

    def __init__(self, names: Sequence[str], write: Callable[[str], None]) -> None:
        self._width = max(map(len, names), default=0)
        self._write = write

    def __enter__(self) -> PlainBoard:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def lane(self, name: str) -> Recorder:
        """See ``Board``."""
        return PlainProgress(lambda text: self._line(name, text))

    def ended(self, name: str, seconds: float, failure: HpcctlError | None) -> None:
        """See ``Board``."""
        self._line(name, f"{in_short(failure)} after {seconds:.1f} s")

    def stopping(self) -> None:
        """See ``Board``."""
        with suppress(RuntimeError):  # the signal came in the middle of a line
            self._write(STOPPING)

    def _line(self, name: str, text: str) -> None:
        self._write(f"{name.ljust(self._width)}  {text}")


def in_short(failure: HpcctlError | None) -> str:
    """How it ended, on one line; the whole of it is told at the end."""
    if failure is None:
        return "done"
    if isinstance(failure, Interrupted):
        return "stopped"
    if isinstance(failure, SpecError | HostsFailed):
        return f"failed: {failure}"
    return f"failed: {failure.message.splitlines()[0] if failure.message else ''}"
