"""A whole cluster, as its user meets it: made by the command line, looked at from inside its machines, taken away.

One cluster of two nodes serves all tests of this module, which run in the order in which they stand here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.machines

NODES = ("head", "node001")
NAME = "e2e"
SECONDS = 900


@dataclass(frozen=True, kw_only=True)
class Driver:
    """hpcctl with a home and a user's folder of its own."""

    home: Path
    user: Path

    def environment(self) -> dict[str, str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "HPCCTL_HOME"))}
        return {**clean, "HPCCTL_HOME": str(self.home), "HOME": str(self.user), "NO_COLOR": "1"}

    def __call__(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hpcctl", *words],
            env=self.environment(),
            input=stdin,
            text=True,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )

    def on(self, node: str, script: str) -> subprocess.CompletedProcess[str]:
        """A script on a node, as the login user, by the system's own ssh."""
        done = self("ssh", NAME, node, "--", f"bash -euo pipefail -c {json_word(script)}")
        assert done.returncode == 0, f"{node}: {script}\n{done.stdout}\n{done.stderr}"
        return done

    def ssh(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The system's ssh with the user's configuration, as it works from any shell."""
        return subprocess.run(
            ["ssh", "-F", str(self.user / ".ssh" / "config"), "-o", "BatchMode=yes", *words],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            text=True,
            capture_output=True,
            timeout=120,
            check=False,
        )


def json_word(script: str) -> str:
    """One word for a shell."""
    return "'" + script.replace("'", "'\\''") + "'"


@pytest.fixture(scope="module", params=_modes() if (_modes := None) else ["restored"])
def driver(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    """A sandbox of this module's own; images are shared with other homes of this machine's user."""
    folder = tmp_path_factory.mktemp("home")
    user = folder / "user"
    (user / ".ssh").mkdir(parents=True, mode=0o700)
    (user / ".ssh" / "config").write_bytes(b"# mine\nHost other\n  Port 2200")
    yield (made := Driver(home=folder / "hpcctl", user=user))
    made("sandbox", "down")
    shutil.rmtree(folder, ignore_errors=True)
