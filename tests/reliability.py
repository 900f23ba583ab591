"""The table of docs/reliability.md: which faults were tried, and how each attempt ended.

A test carries ``@pytest.mark.fault(what, when, holds)``: what goes wrong, in which phase, what must hold
afterwards. A run with HPCCTL_RELIABILITY=FILE writes the rows of its tests into that file, in a fixed order, and
leaves those that it did not try; `make reliability` begins with an empty file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import pytest

SETTING = "HPCCTL_RELIABILITY"
MARKER = "fault"
_HEAD = """# What was broken on purpose

Made by the tests themselves: `make reliability` breaks everything that stands here and writes down what came of it.
A line is one fault at one moment; where one test tries several moments, their number is told.

- *machines*: with virtual machines; *API*: in the sandbox without machines, with the real Terraform and AWS provider;
  *alone*: one part of hpcctl, with files and processes that are real.
- *survived*: what must hold did hold. *lost*: it did not, and the test fails. *not tried*: the test was skipped.

| what goes wrong | when | what must hold | tried on | outcome | test |
|---|---|---|---|---|---|
"""
_ROW = re.compile(r"^\| (.+?) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \| `(.+?)` \|$")


class Outcome(str, Enum):
    """How an attempt ended; a later one in this order outweighs those before it."""

    SURVIVED = "survived"
    NOT_TRIED = "not tried"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True, order=True)
class Fault:
    """One fault, and the file that tries it."""

    where: str
    what: str
    when: str
    test: str
    holds: str


@dataclass
class Attempts:
    """How often a fault was tried, and how that ended."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def told(self, test: str, outcome: Outcome) -> None:
        """One phase (setup, call, teardown) of one test ended; the worst counts."""
        order = list(Outcome)
        self.outcomes[test] = max(self.outcomes.get(test, outcome), outcome, key=order.index)

    def summary(self) -> str:
        """In a word, with the number of moments where there are several."""
        worst = max(self.outcomes.values(), key=list(Outcome).index)
        if len(self.outcomes) == 1:
            return worst.value
        number = sum(outcome is worst for outcome in self.outcomes.values())
        if number == len(self.outcomes):
            return f"{worst.value}, {number} times"
        return f"{worst.value}, {number} of {len(self.outcomes)}"


def faults_of(item: pytest.Item, root: Path) -> list[Fault]:
    """What a test breaks, as its markers say."""
    names = {marker.name for marker in item.iter_markers()}
    where = "machines" if "machines" in names else "API" if "sandbox" in names else "alone"
    test = item.path.relative_to(root).as_posix()
    found = []
    for marker in item.iter_markers(MARKER):
        what, when, holds = (_cell(text) for text in marker.args)
        found.append(Fault(where=where, what=what, when=when, test=test, holds=holds))
    return found


def table(present: str, tried: Mapping[Fault, Attempts], root: Path) -> str:
    """The whole file anew: rows of this run, and those of ``present`` that it did not try and whose tests exist."""
    ran = {_order(fault) for fault in tried}
    rows = {fault: attempts.summary() for fault, attempts in tried.items() if attempts.outcomes}
    for fault, outcome in _rows(present.splitlines()):
        if _order(fault) not in ran and (root / fault.test).is_file():
            rows[fault] = outcome
    return _HEAD + "".join(_line(fault, rows[fault]) for fault in sorted(rows, key=_order))


def _order(fault: Fault) -> tuple[str, ...]:
    return (fault.what, fault.when, fault.where, fault.test)


def _rows(lines: Iterable[str]) -> Iterable[tuple[Fault, str]]:
    for line in lines:
        match = _ROW.match(line)
        if match:
            what, when, holds, where, outcome, test = match.groups()
            yield Fault(where=where, what=what, when=when, test=test, holds=holds), outcome


def _line(fault: Fault, outcome: str) -> str:
    cells: Sequence[str] = (fault.what, fault.when, fault.holds, fault.where, outcome, f"`{fault.test}`")
    return f"| {' | '.join(cells)} |\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())
