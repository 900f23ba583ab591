"""What the sandboxes of a failed test said: their logs and consoles, kept and named in its report."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

_LOG = "service.log"
_LAST_LINES = 12
BASETEMP = pytest.StashKey[Path]()
"""Below it are all folders of this worker's tests."""


class Plugin:
    """Runs in the worker, while the sandbox is still up: its machines' consoles go with it."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        """A section of the report, beside what the test printed."""
        report: pytest.TestReport = yield  # type: ignore[assignment, misc]
        basetemp = item.config.stash.get(BASETEMP, None)
        if report.failed and basetemp:
            with suppress(OSError):  # machines come and go meanwhile
                text = "\n".join(line for log in _logs(basetemp) for line in _told(log, basetemp))
                report.sections.append(("sandboxes of this worker", text))
        return report  # type: ignore[return-value]


def _logs(basetemp: Path) -> list[Path]:
    """Of all sandboxes that this worker's tests have started and not removed, the last one first."""
    found = [path for path in basetemp.rglob(f"sandbox/{_LOG}") if path.is_file()]
    return sorted(found, key=lambda path: -path.stat().st_mtime)


def _told(log: Path, basetemp: Path) -> Iterator[str]:
    yield f"log: {log}"
    yield from (f"    {line}" for line in log.read_text(errors="replace").splitlines()[-_LAST_LINES:])
    for console in sorted(log.parent.glob("machines/*/console.log")):
        kept = basetemp / "consoles" / f"{console.parent.name}.log"
        kept.parent.mkdir(exist_ok=True)
        shutil.copyfile(console, kept)
        yield f"console: {kept}"
