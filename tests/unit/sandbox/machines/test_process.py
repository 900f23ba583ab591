from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from hpcctl.sandbox.machines import process
from hpcctl.sandbox.machines.process import RECORD, Launch, Launcher, kill_recorded, last_words


@pytest.fixture
def launcher():
    launcher = Launcher()
    yield launcher
    launcher.close()


def test_start_records_the_process_and_keeps_its_messages(tmp_path: Path, launcher: Launcher) -> None:
    running = launcher.start(Launch(words=["sh", "-c", "echo oops >&2; read line"], folder=tmp_path))
    assert json.loads((tmp_path / RECORD).read_text())["pid"] == running.pid
    assert running.stdin is not None
    running.stdin.close()
    running.wait()
    assert last_words(tmp_path) == "oops"


def test_close_ends_what_still_runs(tmp_path: Path) -> None:
    launcher = Launcher()
    running = launcher.start(Launch(words=["sleep", "1000"], folder=tmp_path))
    launcher.close()
    assert running.returncode == -9


def test_kill_recorded_ends_the_very_process(tmp_path: Path, launcher: Launcher) -> None:
    running = launcher.start(Launch(words=["sleep", "1000"], folder=tmp_path))
    kill_recorded(tmp_path)
    assert running.wait(timeout=20) == -9
    process.end(running)


@pytest.mark.parametrize("record", ["", "[]", '{"pid": "x"}', '{"pid": 1, "started": null}'])
def test_kill_recorded_with_a_damaged_record_does_nothing(tmp_path: Path, record: str) -> None:
    (tmp_path / RECORD).write_text(record)
    kill_recorded(tmp_path)


def test_kill_recorded_spares_another_process_of_the_same_number(tmp_path: Path) -> None:
    (tmp_path / RECORD).write_text(json.dumps({"pid": os.getpid(), "started": "1"}))
    kill_recorded(tmp_path)


def test_children_die_with_a_killed_parent(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from hpcctl.sandbox.machines.process import Launch, Launcher\n"
        "launcher = Launcher()  # its thread is the parent\n"
        "child = launcher.start(Launch(words=['sleep', '1000'], folder=Path(sys.argv[1])))\n"
        "while Path(f'/proc/{child.pid}/comm').read_text() != 'sleep\\n': time.sleep(0.01)\n"
        "print(child.pid, flush=True); time.sleep(1000)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        descriptor = os.pidfd_open(child)
        parent.kill()
    try:
        assert select.select([descriptor], [], [], 20)[0], "the child outlives its parent"
    finally:
        os.close(descriptor)
