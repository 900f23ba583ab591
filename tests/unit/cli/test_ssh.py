"""What happens around the system's ssh."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hpcctl.workspace import Workspace


def test_an_end_that_is_asked_of_hpcctl_is_passed_on_to_ssh(
    home: Path, demo: Workspace, tmp_path: Path
) -> None:
    assert demo.exists()
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\ntrap 'exit 9' TERM\necho ready\nwhile :; do sleep 0.1; done\n")
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "HPCCTL_HOME": str(home)}
    command = [sys.executable, "-m", "hpcctl", "ssh", "demo"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert running.stdout.readline() == "ready\n"
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=60) == 9


@pytest.mark.parametrize("code", [0, 255])
def test_a_head_that_has_no_key_of_its_own_yet_is_not_asked_twice(
    home: Path, demo: Workspace, tmp_path: Path, code: int
) -> None:
    """255 is also what a command may answer; where nothing can be found out, it is passed on."""
    hosts = "demo-head ssh-ed25519 AAAA\n"
    for name in ("known_hosts", "bootstrap_hosts"):
        (demo.path / "ssh" / name).write_text(hosts)
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho once >>{tmp_path}/calls\nexit {code}\n")
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "HPCCTL_HOME": str(home)}
    command = [sys.executable, "-m", "hpcctl", "ssh", "demo"]
    assert subprocess.run(command, env=environment, check=False).returncode == code
    assert (tmp_path / "calls").read_text() == "once\n"
