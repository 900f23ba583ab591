"""A box of time: after a while nothing starts any more, what still runs at its end is stopped, and both are listed."""

from __future__ import annotations

import signal
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from _pytest.terminal import TerminalReporter

NOT_STARTED = "not started: the time is up"
STOPPED = "stopped: the time is up"
_GLANCE_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Box:
    """Moments, as seconds since the epoch."""

    last_start: float
    end: float

    @classmethod
    def since(cls, began: float, *, start_minutes: float, end_minutes: float) -> Box:
        """Nothing starts ``start_minutes`` after ``began``, and nothing runs ``end_minutes`` after it."""
        return cls(last_start=began + start_minutes * 60, end=began + end_minutes * 60)


class Plugin:
    """Skips what is too late. A skip leaves the teardown of fixtures as it is, so nothing stays behind."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self._interruptible = False

    def pytest_sessionstart(self) -> None:
        """The alarm is for the thread that runs the tests, in each worker."""
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, max(0.001, self.box.end - time.time()))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """Before any fixture of the test is made."""
        if time.time() > self.box.last_start:
            pytest.skip(NOT_STARTED)
        self._interruptible = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        """The test itself may be stopped, too."""
        self._interruptible = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self) -> None:
        """A phase is over; what its fixtures have made is not left half undone."""
        self._interruptible = False

    def _ring(self, number: int, frame: object) -> None:
        if self._interruptible:
            self._interruptible = False
            pytest.skip(STOPPED)
        signal.setitimer(signal.ITIMER_REAL, _GLANCE_SECONDS)

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """All that did not run, by file."""
        late = [report for report in terminalreporter.getreports("skipped") if _is_late(report)]
        if not late:
            terminalreporter.write_line("the time was enough: everything ran")
            return
        terminalreporter.section("did not run, because the time was up")
        for (path, reason), number in sorted(Counter(map(_row, late)).items()):
            terminalreporter.write_line(f"{path}: {number} {reason.partition(':')[0]}")


def _row(report: Any) -> tuple[str, str]:
    return report.nodeid.partition("::")[0], _reason(report)


def _is_late(report: Any) -> bool:
    return _reason(report) in (NOT_STARTED, STOPPED)


def _reason(report: Any) -> str:
    """pytest has it as "Skipped: …", behind the place."""
    if not isinstance(report.longrepr, tuple):
        return ""
    return str(report.longrepr[2]).removeprefix("Skipped: ")
