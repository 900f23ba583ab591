"""The table of faults: what a run writes, what it leaves, and that it does not depend on the order."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.reliability import SETTING, Attempts, Fault, Outcome, table

ROOT = Path(__file__).parents[1]


def fault(what: str, test: str, when: str = "create") -> Fault:
    return Fault(where="API", what=what, when=when, test=test, holds="it goes on")


def attempts(*outcomes: Outcome) -> Attempts:
    made = Attempts()
    for number, outcome in enumerate(outcomes):
        made.told(f"test[{number}]", outcome)
    return made


def test_rows_are_sorted_and_tell_the_worst(tmp_path: Path) -> None:
    (tmp_path / "t.py").touch()
    tried = {
        fault("kill -9", "t.py"): attempts(Outcome.SURVIVED, Outcome.SURVIVED),
        fault("Ctrl-C", "t.py"): attempts(Outcome.SURVIVED, Outcome.LOST, Outcome.SURVIVED),
        fault("a full disk", "t.py"): attempts(Outcome.NOT_TRIED),
    }
    rows = [line for line in table("", tried, tmp_path).splitlines() if "`t.py`" in line]
    assert [row.split(" | ")[0] for row in rows] == ["| Ctrl-C", "| a full disk", "| kill -9"]
    assert [row.split(" | ")[4] for row in rows] == ["lost, 1 of 3", "not tried", "survived, 2 times"]
    backwards = dict(reversed(list(tried.items())))
    assert table("", backwards, tmp_path) == table("", tried, tmp_path)


def test_a_run_of_some_leaves_the_rows_of_others_and_drops_those_without_a_file(tmp_path: Path) -> None:
    for name in ("one.py", "other.py", "gone.py"):
        (tmp_path / name).touch()
    first = {fault(name, name): attempts(Outcome.SURVIVED) for name in ("one.py", "other.py", "gone.py")}
    present = table("", first, tmp_path)
    (tmp_path / "gone.py").unlink()
    again = table(present, {fault("one.py", "one.py"): attempts(Outcome.LOST)}, tmp_path)
    assert "| one.py | create | it goes on | API | lost | `one.py` |" in again
    assert "| other.py | create | it goes on | API | survived | `other.py` |" in again
    assert "gone.py" not in again
    assert again.count("`one.py`") == 1


def test_the_worst_of_a_tests_phases_counts() -> None:
    made = Attempts()
    for outcome in (Outcome.SURVIVED, Outcome.LOST, Outcome.SURVIVED):
        made.told("one test", outcome)
    assert made.summary() == "lost"


def test_a_run_writes_the_table_itself(tmp_path: Path) -> None:
    target = tmp_path / "table.md"
    words = [
        sys.executable,
        "-m",
        "pytest",
        "tests/unit/test_locks.py",
        "-m",
        "fault",
        "-p",
        "no:cacheprovider",
    ]
    environment = {**os.environ, SETTING: str(target)}
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "| alone | survived" in target.read_text()
