"""Collects what the tests break on purpose, for the table of docs/reliability.md (see ``tests/reliability.py``)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from hpcctl.files import write_atomically
from tests.reliability import SETTING, Attempts, Fault, Outcome, faults_of, table

_PROPERTY = "fault"
_OUTCOMES = {"passed": Outcome.SURVIVED, "failed": Outcome.LOST, "skipped": Outcome.NOT_TRIED}


class Plugin:
    """Workers tell their controller by the reports of the tests."""

    def __init__(self) -> None:
        self._tried: dict[Fault, Attempts] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        """Each phase of a test carries its faults."""
        report: pytest.TestReport = yield  # type: ignore[assignment, misc]
        report.user_properties = [
            *report.user_properties,
            *((_PROPERTY, asdict(fault)) for fault in faults_of(item, item.config.rootpath)),
        ]
        return report  # type: ignore[return-value]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase has ended, here or in a worker."""
        for name, value in report.user_properties:
            if name == _PROPERTY and isinstance(value, dict):
                attempts = self._tried.setdefault(Fault(**value), Attempts())
                attempts.told(report.nodeid, _OUTCOMES[report.outcome])

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Writes the table, if that was asked for."""
        target = os.environ.get(SETTING)
        if target and self._tried and not hasattr(session.config, "workerinput"):
            path = Path(target)
            present = path.read_text(encoding="utf-8") if path.exists() else ""
            write_atomically(path, table(present, self._tried, session.config.rootpath), mode=0o644)
