"""Locks: one at a time, the second knows whom it waits for, and the dead hold nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hpcctl.errors import Locked
from hpcctl.locks import active, locked

PROGRAM = (
    "import sys; from pathlib import Path; from hpcctl.locks import locked\n"
    "with locked(Path(sys.argv[1]), verb='create'):\n"
    "    print('held', flush=True); sys.stdin.read()"
)


@contextmanager
def another(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    words = [sys.executable, "-c", PROGRAM, str(path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "locks" / "demo.lock"


def claims(path: Path, **changes: object) -> None:
    """The file of a lock that nobody holds, as its last holder left it."""
    path.parent.mkdir(exist_ok=True)
    plain = {"pid": os.getpid(), "verb": "create", "since": "2026-01-01 00:00:00 UTC"}
    path.write_text(json.dumps({**plain, **changes}))


@pytest.mark.fault("a second hpcctl on the same cluster", "any verb", "it says who works there since when")
@pytest.mark.usefixtures("unobserved")
def test_the_second_is_told_who_and_since_when(path: Path) -> None:
    with another(path) as first, pytest.raises(Locked) as refused, locked(path, verb="terminate"):
        pass
    assert f"demo is in use by hpcctl create (process {first.pid}, since 20" in refused.value.message
    assert f"kill {first.pid}" in refused.value.hint
    assert "--wait" in refused.value.hint


@pytest.mark.usefixtures("unobserved")
def test_with_wait_it_says_so_once_and_goes_on(path: Path) -> None:
    said: list[str] = []
    with another(path) as first:

        def say(text: str) -> None:
            said.append(text)
            assert first.stdin
            first.stdin.close()

        with locked(path, verb="terminate", wait=True, say=say):
            present = active(path)
            assert present
            assert (present.verb, present.pid) == ("terminate", os.getpid())
    assert [text.partition(" (")[0] for text in said] == ["waiting for hpcctl create"]


@pytest.mark.fault("kill -9 of hpcctl", "while it holds the lock of a cluster", "the lock is free at once")
def test_a_killed_holder_leaves_no_lock(path: Path) -> None:
    with another(path) as first:
        assert active(path)
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert "create" in path.read_text()  # its words are still there
        assert active(path) is None
        with locked(path, verb="terminate"):
            pass


@pytest.mark.fault(
    "a lock file of another process",
    "its number is in use again, or the home was copied from another machine",
    "nobody is taken for its holder",
)
@pytest.mark.parametrize("changes", [{}, {"host": "elsewhere"}, {"pid": 1}])
def test_the_words_of_the_file_alone_hold_nothing(path: Path, changes: dict[str, object]) -> None:
    claims(path, **changes)
    assert active(path) is None
    with locked(path, verb="terminate"):
        pass


@pytest.mark.usefixtures("unobserved")
def test_a_holder_on_another_machine_is_told_with_its_name(path: Path) -> None:
    with another(path):
        claims(path, host="elsewhere", pid=7)
        present = active(path)
        assert str(present) == "hpcctl create (process 7 on elsewhere, since 2026-01-01 00:00:00 UTC)"
        with pytest.raises(Locked) as refused, locked(path, verb="stop"):
            pass
    assert "kill 7` stops it cleanly on elsewhere" in refused.value.hint


def test_looking_sends_nobody_away(path: Path) -> None:
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            active(path)

    watchers = [threading.Thread(target=look) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    try:
        for _ in range(20):
            with locked(path, verb="create"):
                pass
    finally:
        done.set()
        for watcher in watchers:
            watcher.join()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}'])
@pytest.mark.usefixtures("unobserved")
def test_a_holder_without_readable_words_is_another_hpcctl(path: Path, text: str) -> None:
    with another(path):
        path.write_text(text)
        with pytest.raises(Locked, match="demo is in use by another hpcctl"), locked(path, verb="stop"):
            pass
