"""How a run is ordered, boxed and accounted for: by the rules themselves, and by a small run of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.running.account import Spent, lines
from tests.running.order import dearest_first, group_of, touched_first
from tests.running.own_files import OWN_HPCCTL_HOME, contents, differences
from tests.running.touched import Touched

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"


@dataclass(frozen=True)
class Item:
    """As much of a pytest.Item as the order looks at."""

    path: Path
    names: tuple[str, ...] = ()

    def iter_markers(self) -> list[pytest.Mark]:
        return [pytest.Mark(name, (), {}, _ispytest=True) for name in self.names]

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        return next((marker for marker in self.iter_markers() if marker.name == name), None)


def items(*paths: str) -> list[Any]:
    """Marked by their folders; what is called long runs Terraform."""
    return [
        Item(TESTS / path, (path.split("/")[0], *(("terraform",) if "long" in path else ())))
        for path in paths
    ]


def paths(found: Sequence[Any]) -> list[str]:
    return [item.path.relative_to(TESTS).as_posix() for item in found]


MIXED = ("unit/test_a.py", "sandbox/test_b.py", "sandbox/test_long.py", "machines/test_c.py")


def test_the_dearest_run_first() -> None:
    assert paths(dearest_first(items(*MIXED))) == list(reversed(MIXED))


def test_files_that_share_a_cluster_stay_together() -> None:
    assert group_of(TESTS / "machines/cluster/test_d.py") == TESTS / "machines/cluster"
    assert group_of(TESTS / "machines/test_c.py") == TESTS / "machines/test_c.py"
    assert group_of(TESTS / "sandbox/test_b.py") == TESTS / "sandbox/test_b.py"


def test_in_a_box_what_was_touched_runs_first_and_the_rest_takes_turns() -> None:
    many = [f"sandbox/test_{letter}.py" for letter in "abcdefgh"]
    touched = OnlyFiles(ROOT, ("tests/sandbox/test_f.py",))

    def ordered(turn: str) -> list[str]:
        return paths(touched_first(items(*many), touched=touched, turn=turn))

    assert {ordered(turn)[0] for turn in "12345"} == {"sandbox/test_f.py"}
    assert ordered("1") == ordered("1")
    assert len({tuple(ordered(turn)) for turn in "12345"}) > 1
    assert all(sorted(ordered(turn)) == many for turn in "12345")


class OnlyFiles(Touched):
    """By name alone: the files of these tests do not exist."""

    def by(self, test: Path) -> bool:
        return test.relative_to(self.root).as_posix() in self.paths


def test_a_test_is_touched_with_the_modules_that_it_names(tmp_path: Path) -> None:
    test = tmp_path / "tests" / "test_x.py"
    test.parent.mkdir()
    test.write_text("from hpcctl.lifecycle.stopping import stop\n")
    assert Touched(tmp_path, ("hpcctl/lifecycle/stopping.py",)).by(test)
    assert Touched(tmp_path, ("tests/test_x.py",)).by(test)
    assert not Touched(tmp_path, ("hpcctl/lifecycle/starting.py", "docs/stopping.md")).by(test)


def test_time_is_told_by_kind_and_the_slowest() -> None:
    spent = [Spent(test=f"t{number}", kind="API", setup=number, call=1.0) for number in range(12)] + [
        Spent(test="quick", kind="unit", call=0.1)
    ]
    told = [" ".join(line.split()) for line in lines(spent)]
    assert told[0] == "API 12 tests 78.0 s (setup 66.0 s, call 12.0 s, teardown 0.0 s)"
    assert told[1].startswith("unit 1 tests 0.1 s")
    assert [line.split()[-1] for line in told[3:]] == [f"t{number}" for number in range(11, 1, -1)]


def test_a_file_of_the_users_own_that_is_touched_is_named(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("mine")
    (tmp_path / "gone").write_text("")
    guarded = (tmp_path / "config", tmp_path / "gone", tmp_path / "new*")
    before = contents(guarded)
    assert differences(before, contents(guarded)) == []
    (tmp_path / "config").write_text("not mine")
    (tmp_path / "gone").unlink()
    (tmp_path / "new1").touch()
    assert differences(before, contents(guarded)) == [tmp_path / name for name in ("config", "gone", "new1")]


def run_of(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The tests of a folder, run as ours are."""
    words = ["-p", "tests.conftest", "-c", os.devnull, "--rootdir", str(folder), *options, str(folder)]
    command = [sys.executable, "-m", "pytest", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


BOXED = """
import pathlib, signal, subprocess, pytest
from tests.running.box import Box

HERE = pathlib.Path(__file__).parent

@pytest.fixture(scope="module")
def made():
    yield
    (HERE / "undone").touch()

def test_ends(made): pass

def test_goes_on(made, pytestconfig):
    pytestconfig.pluginmanager.get_plugin("box").box = Box(last_start=0, end=0)  # it is late now
    signal.raise_signal(signal.SIGALRM)
    subprocess.run(["sleep", "600"])

def test_begins_late(made): (HERE / "begun").touch()
"""


def test_a_box_stops_what_runs_starts_nothing_more_and_cleans_up(tmp_path: Path) -> None:
    (tmp_path / "test_boxed.py").write_text(BOXED)
    done = run_of(tmp_path, "--box", str(time.time()), "-n", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed, 2 skipped" in done.stdout
    assert "test_boxed.py: 1 not started" in done.stdout
    assert "test_boxed.py: 1 stopped" in done.stdout
    assert (tmp_path / "undone").exists()
    assert not (tmp_path / "begun").exists()


FAILING = """
def test_fails(tmp_path):
    sandbox = tmp_path / "home" / "sandbox"
    (sandbox / "machines" / "i-1").mkdir(parents=True)
    (sandbox / "machines" / "i-1" / "console.log").write_text("kernel panic")
    (sandbox / "service.log").write_text("an error of the service")
    assert False
"""


def test_a_failure_names_the_log_and_the_consoles_of_its_sandbox(tmp_path: Path) -> None:
    (tmp_path / "test_failing.py").write_text(FAILING)
    done = run_of(tmp_path, "-n", "0")
    assert done.returncode == 1
    assert "sandbox/service.log\n    an error of the service" in done.stdout
    (console,) = re.findall(r"^console: (.+)$", done.stdout, re.MULTILINE)
    assert Path(console).read_text() == "kernel panic"


OF_THE_USER = """
import os, pathlib

def test_sees_no_file_of_the_user():
    assert not (pathlib.Path.home() / ".ssh").exists()
    assert "AWS_PROFILE" not in os.environ

def test_reaches_for_one():
    (pathlib.Path({home!r}) / ".ssh" / "config").write_text("Include x")
"""


def test_a_run_that_touches_the_users_files_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "config").write_text("Host mine")
    (tmp_path / "test_of_the_user.py").write_text(OF_THE_USER.format(home=str(home)))
    monkeypatch.delenv(OWN_HPCCTL_HOME)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("AWS_PROFILE", "lab")
    done = run_of(tmp_path, "-n", "0")
    assert "2 passed" in done.stdout, done.stdout
    assert f"ERROR: a test has touched the user's own {home}/.ssh/config" in done.stdout
    assert done.returncode == 1
