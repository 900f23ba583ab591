"""Phases are timed in order, from any thread, and told without a terminal."""

from __future__ import annotations

import io
import threading

import pytest
from rich.console import Console

from hpcctl.cli import live
from hpcctl.cli.progress import PlainProgress, Recorder


def test_phases_nest_and_keep_their_order() -> None:
    recorder = Recorder()
    with recorder.phase("a"):
        with recorder.phase("b"):
            pass
        with recorder.phase("c"):
            pass
    with recorder.phase("d"):
        pass
    assert [(timing.name, timing.depth) for timing in recorder.timings] == [
        ("a", 0),
        ("b", 1),
        ("c", 1),
        ("d", 0),
    ]


def test_threads_work_for_the_phase_that_waits_for_them() -> None:
    recorder = Recorder()
    both = threading.Barrier(2, timeout=30)

    def work(name: str) -> None:
        with recorder.phase(name):
            both.wait()

    with recorder.phase("all"):
        threads = [threading.Thread(target=work, args=(name,)) for name in ("x", "y")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    first, *others = recorder.timings
    assert first.name == "all"
    assert sorted((timing.name, timing.depth) for timing in others) == [("x", 1), ("y", 1)]


def test_plain_lines_say_what_begins_what_ends_and_what_failed() -> None:
    lines: list[str] = []
    progress = PlainProgress(lines.append)
    with pytest.raises(ValueError, match="no"), progress.phase("one"):
        progress.note("hear")
        progress.detail("too soon to be told")
        raise ValueError("no")
    assert lines[0] == "==> one"
    assert lines[1] == "    note: hear"
    assert lines[2].startswith("    one: failed after ")
    assert len(lines) == 3


def test_a_terminal_keeps_what_is_done_and_leaves_nothing_moving(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(
        live, "Console", lambda **_: Console(file=screen, force_terminal=True, width=80, color_system=None)
    )
    with live.LiveProgress() as progress:
        with progress.phase("terraform"):
            progress.detail("aws_instance.head[0]")
            progress.warn("slow [today]")
            with progress.phase("apply"):
                pass
        with pytest.raises(ValueError, match="no"), progress.phase("steps"):
            raise ValueError("no")
    text = screen.getvalue()
    assert "✓ terraform" in text
    assert "  ✓ apply" in text
    assert "✗ steps" in text
    assert "warning: slow [today]" in text
    assert not any(thread.name.startswith("_RefreshThread") for thread in threading.enumerate())
