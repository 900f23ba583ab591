"""The files of whoever runs the tests: no test sees them, and at the end they are proved to be as they were."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

from bench.homes import tools
from hpcctl.errors import TerraformError
from hpcctl.home import home_folder

OWN_HPCCTL_HOME = "HPCCTL_TESTS_OWN_HOME"
"""The HPCCTL_HOME of whoever runs the tests. It is set in workers, and in what tests start."""

_NOT_FOR_TESTS = ("AWS_", "HPCCTL_HOME", "HPCCTL_PROFILE")
_GUARDED = (
    *(".ssh/config", ".ssh/authorized_keys", ".aws/config", ".aws/credentials"),
    *(".terraformrc", ".starcluster/config"),
)
_GUARDED_OF_HPCCTL = ("config.hcl", "ssh_config", "clusters/*/cluster.json")


class Plugin:
    """Gives the run a HOME of its own, and looks at the real one before and after."""

    def __init__(self) -> None:
        self._guarded: tuple[Path, ...] = ()
        self._before: Mapping[Path, bytes] = {}
        self._changed: list[Path] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        """The person's programs and machine images are used all the same."""
        if OWN_HPCCTL_HOME in os.environ:
            return
        home, own = Path.home(), home_folder(os.environ)
        self._guarded = (*(home / name for name in _GUARDED), *(own / name for name in _GUARDED_OF_HPCCTL))
        self._before = contents(self._guarded)
        with suppress(TerraformError):  # its tests will say so
            os.environ.update(tools())
        folder = tempfile.TemporaryDirectory(prefix="hpcctl-tests-home-")
        config.add_cleanup(folder.cleanup)
        for name in [name for name in os.environ if name.startswith(_NOT_FOR_TESTS)]:
            del os.environ[name]
        os.environ.update({OWN_HPCCTL_HOME: str(own), "HOME": folder.name})

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        """A changed file fails the run."""
        yield
        self._changed = differences(self._before, contents(self._guarded))
        if self._changed:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """Names what a test has touched."""
        for path in self._changed:
            terminalreporter.write_line(f"ERROR: a test has touched the user's own {path}", red=True)


def contents(patterns: tuple[Path, ...]) -> dict[Path, bytes]:
    """What is in the files that there are."""
    found = (path for pattern in patterns for path in Path("/").glob(str(pattern.relative_to("/"))))
    return {path: path.read_bytes() for path in found if path.is_file()}


def differences(before: Mapping[Path, bytes], after: Mapping[Path, bytes]) -> list[Path]:
    """Files that are new, gone or other than before."""
    return sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
