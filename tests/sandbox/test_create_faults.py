"""`create` where the cloud says no half-way: told, nothing left behind, and the same command is still good."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hpcctl.sandbox.client import SandboxClient
from hpcctl.sandbox.faults import Fault, FaultKind

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform]


def hpcctl(home: Path, user: Path, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, "-m", "hpcctl", *words],
        env={**clean, "HPCCTL_HOME": str(home), "HOME": str(user)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_no_capacity_ends_a_create_and_terminate_cleans_up(
    sandbox_home: Path, control: SandboxClient, tmp_path: Path
) -> None:
    control.add_fault(Fault(kind=FaultKind.CAPACITY, times=1000))
    done = hpcctl(sandbox_home, tmp_path, "create", "--profile", "sandbox", "full", "2", "c5.xlarge", "4")
    assert done.returncode == 3, done.stderr
    assert "InsufficientInstanceCapacity" in done.stderr
    assert "hint:" in done.stderr
    assert "Traceback" not in done.stderr
    control.clear_faults()
    gone = hpcctl(sandbox_home, tmp_path, "terminate", "--yes", "full")
    assert gone.returncode == 0, gone.stderr
    assert hpcctl(sandbox_home, tmp_path, "list", "--json").stdout.strip() == "[]"
