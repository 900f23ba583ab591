"""Collects what the tests break on purpose (see ``tests/reliability.py``)."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hpcctl.files import write_atomically
from tests.reliability import SETTING, Attempts, Fault, Outcome, faults_of, table

_TRIED = pytest.StashKey[dict[Fault, Attempts]]()
_OUTCOMES = {"passed": Outcome.SURVIVED, "failed": Outcome.LOST, "skipped": Outcome.NOT_TRIED}


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_TRIED] = {}
    # Whoever runs the tests in the background lets them, and what they start, ignore Ctrl-C.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    report = yield
    tried = item.config.stash[_TRIED]
    for fault in faults_of(item, item.config.rootpath):
        tried.setdefault(fault, Attempts()).told(item.nodeid, _OUTCOMES[report.outcome])
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    tried = session.config.stash[_TRIED]
    target = os.environ.get(SETTING)
    if target and tried:
        path = Path(target)
        present = path.read_text(encoding="utf-8") if path.exists() else ""
        write_atomically(path, table(present, tried, session.config.rootpath), mode=0o644)
