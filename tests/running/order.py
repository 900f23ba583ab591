"""In which order tests run: the dearest first, so that none ends alone; in a box of time, first what was touched."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.running.kinds import Kind, kind_of
from tests.running.touched import Touched

_KINDS = list(Kind)


MACHINES = Path(__file__).parents[1] / "machines"


def group_of(path: Path) -> Path:
    """What must stay together: a file, or all that share the cluster of a folder of tests/machines."""
    if not path.is_relative_to(MACHINES):
        return path
    return MACHINES / path.relative_to(MACHINES).parts[0]


def dearest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Kind after kind; in each, files with the real Terraform before the others, as they were collected."""
    long = {group_of(item.path) for item in items if item.get_closest_marker("terraform")}
    return _sorted(items, rank=lambda group: group not in long)


def touched_first(items: Sequence[pytest.Item], *, touched: Touched, turn: str) -> list[pytest.Item]:
    """Kind after kind; in each, first what the last commits touch, then the others in an order that ``turn`` draws."""
    groups = list(dict.fromkeys(group_of(item.path) for item in items))
    drawn = random.Random(turn).sample(groups, len(groups))
    hit = {group_of(item.path) for item in items if touched.by(item.path)}
    return _sorted(items, rank=lambda group: (group not in hit, drawn.index(group)))


def _sorted(items: Iterable[pytest.Item], *, rank: Callable[[Path], Any]) -> list[pytest.Item]:
    return sorted(items, key=lambda item: (_KINDS.index(kind_of(item)), rank(group_of(item.path))))
