"""hpcctl as somebody with a home of their own runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hpcctl.workspace import Workspace
from tests.environments import own_environment
from tests.patience import PATIENCE


class Machine:
    """One home, and hpcctl on it."""

    def __init__(self, home: Path, user: Path) -> None:
        self.home, self._user = home, user

    def __call__(self, *words: str, module: str = "hpcctl") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", module, *words],
            env=own_environment(self.home, self._user),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def workspace(self, name: str) -> Workspace:
        return Workspace(home=self.home, name=name)
