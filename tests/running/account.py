"""Where the time of a run went: by kind of test, and the slowest ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from _pytest.terminal import TerminalReporter

from tests.running.kinds import Kind, kind_of

_KIND = "kind"
_PHASES = ("setup", "call", "teardown")
MOST = 10


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What one test took; its fixtures are counted with the test that they were made for."""

    test: str
    kind: str
    setup: float = 0.0
    call: float = 0.0
    teardown: float = 0.0

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.setup + self.call + self.teardown


class Plugin:
    """Marks each test's reports with its kind, and adds them up at the end."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        """The kind travels with the reports from the worker."""
        report: pytest.TestReport = yield  # type: ignore[assignment, misc]
        report.user_properties = [*report.user_properties, (_KIND, kind_of(item).value)]
        return report  # type: ignore[return-value]

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """A table; nothing where only a few tests ran."""
        spent = spent_by(terminalreporter)
        if len(spent) > 1:
            terminalreporter.section("where the time went")
            for line in lines(spent):
                terminalreporter.write_line(line)


def spent_by(reporter: TerminalReporter) -> list[Spent]:
    """All tests of a run, from the reports of their phases."""
    found = (each for reports in reporter.stats.values() for each in reports)
    by_test: dict[str, list[pytest.TestReport]] = {}
    for report in found:
        if isinstance(report, pytest.TestReport):
            by_test.setdefault(report.nodeid, []).append(report)
    return [_spent(test, reports) for test, reports in by_test.items()]


def _spent(test: str, reports: Sequence[pytest.TestReport]) -> Spent:
    phases = {str(report.when): report.duration for report in reports}
    return Spent(test=test, kind=str(dict(reports[0].user_properties)[_KIND]), **phases)


def lines(spent: Sequence[Spent]) -> Iterator[str]:
    """The table."""
    for kind in Kind:
        mine = [one for one in spent if one.kind == kind.value]
        if mine:
            parts = {name: sum(getattr(one, name) for one in mine) for name in _PHASES}
            told = ", ".join(f"{name} {_clock(seconds)}" for name, seconds in parts.items())
            yield f"{kind.value:10}{len(mine):6} tests {_clock(sum(parts.values())):>12}   ({told})"
    yield f"the {min(MOST, len(spent))} slowest:"
    for one in sorted(spent, key=lambda one: -one.seconds)[:MOST]:
        yield f"{_clock(one.seconds):>12}  {one.test}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if seconds >= 100 else f"{seconds:.1f} s"
