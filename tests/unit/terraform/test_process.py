"""The process: lines as they come, Ctrl-C once, and a child that survives our death."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hpcctl.errors import TerraformError
from hpcctl.terraform.process import await_turn, run, still_running

DEADLINE = 60.0


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def _run(script: str, folder: Path, on_line: Callable[[str], None]) -> tuple[int, bool]:
    return run(
        ["/bin/bash", "-c", script],
        folder=folder,
        environment={"PATH": "/usr/bin:/bin"},
        log=folder / "log",
        on_line=on_line,
    )


def test_run_when_it_writes_then_every_line_is_seen_and_logged(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("an earlier run\n")
    lines: list[str] = []
    result = _run("echo one; echo two >&2; printf 'no end'; exit 3", tmp_path, lines.append)
    assert result == (3, False)
    assert lines == ["one", "two", "no end"]
    assert (tmp_path / "log").read_text() == "an earlier run\none\ntwo\nno end"


def test_run_when_it_writes_then_lines_come_while_it_runs(tmp_path: Path) -> None:
    (tmp_path / "log").touch()

    def answer(line: str) -> None:
        if line == "ready":
            (tmp_path / "go").touch()

    script = f"echo ready; until [ -e {tmp_path}/go ]; do read -t 0.02 <> <(:); done; exit 0"
    assert _run(script, tmp_path, answer) == (0, False)


def test_run_when_ctrl_c_then_the_child_hears_it_once_and_ends_in_its_own_time(tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    lines: list[str] = []

    def press(line: str) -> None:
        lines.append(line)
        if line == "ready":
            os.kill(os.getpid(), signal.SIGINT)

    script = (
        "trap 'echo heard; stop=1' INT; echo ready; until [ $stop ]; do read -t 0.02 <> <(:); done; exit 1"
    )
    before = signal.getsignal(signal.SIGINT)
    assert _run(script, tmp_path, press) == (1, True)
    assert lines == ["ready", "heard"]
    assert signal.getsignal(signal.SIGINT) is before


def test_run_when_ctrl_c_twice_then_the_child_and_its_children_are_ended(tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    children: list[int] = []

    def press(line: str) -> None:
        if line.startswith("child"):
            children.append(int(line.split()[1]))
        os.kill(os.getpid(), signal.SIGINT)

    script = "trap 'echo heard' INT; sleep 600 & echo child $!; while :; do read -t 0.02 <> <(:); done"
    code, stopped = _run(script, tmp_path, press)
    assert (code, stopped) == (-signal.SIGKILL, True)
    _until(lambda: not _alive(children[0]))


def test_run_when_the_listener_fails_then_the_child_ends_first(tmp_path: Path) -> None:
    (tmp_path / "log").touch()

    def fail(line: str) -> None:
        raise ValueError(line)

    with pytest.raises(ValueError, match="one"):
        _run(f"echo one; echo two; touch {tmp_path}/done", tmp_path, fail)
    assert (tmp_path / "done").exists()


def test_run_when_we_are_killed_then_the_child_finishes_what_it_does(tmp_path: Path) -> None:
    script = f"echo ready; until [ -e {tmp_path}/go ]; do read -t 0.02 <> <(:); done; echo more; touch {tmp_path}/done"
    program = (
        "import sys; from pathlib import Path; from hpcctl.terraform.process import run\n"
        "run(['/bin/bash', '-c', sys.argv[1]], folder=Path(sys.argv[2]), environment={'PATH': '/bin'},"
        " log=Path(sys.argv[2], 'log'), on_line=lambda line: None)"
    )
    log = tmp_path / "log"
    log.touch()
    us = subprocess.Popen([sys.executable, "-c", program, script, str(tmp_path)])
    _until(lambda: "ready" in log.read_text())
    us.kill()
    us.wait()
    (tmp_path / "go").touch()
    _until((tmp_path / "done").exists)
    assert log.read_text().splitlines() == ["ready", "more"]


@pytest.mark.fault(
    "kill -9 of hpcctl",
    "while Terraform runs",
    "Terraform finishes and writes its state; the next command says so and waits for it",
)
def test_a_terraform_that_outlived_us_is_told_and_waited_for(tmp_path: Path) -> None:
    script = f"echo ready; until [ -e {tmp_path}/go ]; do read -t 0.02 <> <(:); done; echo more"
    program = (
        "import sys; from pathlib import Path; from hpcctl.terraform.process import run\n"
        "run(['/bin/bash', '-c', sys.argv[1]], folder=Path(sys.argv[2]), environment={'PATH': '/bin'},"
        " log=Path(sys.argv[2], 'log'), on_line=lambda line: None)"
    )
    log = tmp_path / "log"
    assert still_running(log) is None
    log.touch()
    us = subprocess.Popen([sys.executable, "-c", program, script, str(tmp_path)])
    _until((tmp_path / "log.pid").exists)
    us.kill()
    us.wait()
    number = int((tmp_path / "log.pid").read_text())
    assert still_running(log) == f"the Terraform of an hpcctl that was killed (process {number})"
    with pytest.raises(TerraformError, match=f"process {number}"):
        await_turn(log, seconds=0)
    (tmp_path / "go").touch()
    assert _run("echo then", tmp_path, lambda line: None) == (0, False)
    assert log.read_text().splitlines() == ["ready", "more", "then"]
    assert still_running(log) is None


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
