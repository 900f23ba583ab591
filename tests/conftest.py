"""How every run of the tests is ordered, limited in time, and told about at its end (see ``tests/running``)."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import Any

import pytest

from tests.running import account, box, faults, own_files, sandboxes, schedule
from tests.running.kinds import mark_extended
from tests.running.order import dearest_first, touched_first
from tests.running.touched import lately_touched, present_commit


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("box", "a box of time")
    group.addoption(
        "--box", type=float, metavar="BEGAN", help="seconds since the epoch; without it there is none"
    )
    group.addoption(
        "--box-start", type=float, default=50, metavar="MINUTES", help="after which nothing starts"
    )
    group.addoption("--box-end", type=float, default=60, metavar="MINUTES", help="after which nothing runs")


def pytest_configure(config: pytest.Config) -> None:
    # As hpcctl does. All that the tests import is looked through for circles again and again: a sixth of their time.
    gc.set_threshold(50_000)
    # Containers forbid bytecode as a rule. Each worker would rewrite all tests, each Python that a test starts compile
    # all of hpcctl, in every run: a quarter of its time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    # Whoever runs the tests in the background lets them, and what they start, ignore Ctrl-C.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for plugin in (own_files.Plugin(), account.Plugin(), faults.Plugin(), sandboxes.Plugin()):
        config.pluginmanager.register(plugin)
    if config.getoption("--box"):
        config.pluginmanager.register(box.Plugin(_box(config)), "box")


def _box(config: pytest.Config) -> box.Box:
    return box.Box.since(
        config.getoption("--box"),
        start_minutes=config.getoption("--box-start"),
        end_minutes=config.getoption("--box-end"),
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        mark_extended(item)
    if config.getoption("--box"):
        root = config.rootpath
        items[:] = touched_first(items, touched=lately_touched(root), turn=present_commit(root))
    else:
        items[:] = dearest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return schedule.workers()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> schedule.Scheduler:
    return schedule.Scheduler(config, log)


@pytest.fixture(scope="session", autouse=True)
def _basetemp(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> None:
    pytestconfig.stash[sandboxes.BASETEMP] = tmp_path_factory.getbasetemp()
