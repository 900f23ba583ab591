"""hpcctl as somebody with a home of their own runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hpcctl.workspace import Workspace


class Machine:
    """One home, and hpcctl on it."""

    def __init__(self, home: Path, user: Path) -> None:
        self.home, self._user = home, user

    def __call__(self, *words: str, module: str = "hpcctl") -> subprocess.CompletedProcess[str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        return subprocess.run(
            [sys.executable, "-m", module, *words],
            env={**clean, "HPCCTL_HOME": str(self.home), "HOME": str(self._user)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def workspace(self, name: str) -> Workspace:
        return Workspace(home=self.home, name=name)
