"""In which order tests run: the dearest first, so that none ends alone; in a box of time, first what was touched."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from tests.running.kinds import Kind, kind_of
from tests.running.touched import Touched

_KINDS = list(Kind)


def group_of(path: Path, tests: Path) -> str:
    """What must stay together: a file, or all that share the cluster of a folder of tests/machines."""
    parts = path.relative_to(tests).parts
    return "/".join(parts[:2]) if parts[0] == "machines" else "/".join(parts)


def dearest_first(items: Sequence[pytest.Item], tests: Path) -> list[pytest.Item]:
    """Kind after kind, and otherwise as they were collected."""
    return _sorted(items, tests, rank=lambda _: 0)


def touched_first(
    items: Sequence[pytest.Item], tests: Path, *, touched: Touched, turn: str
) -> list[pytest.Item]:
    """Kind after kind; in each, first what the last commits touch, then the others in an order that ``turn`` draws."""
    groups = list(dict.fromkeys(group_of(item.path, tests) for item in items))
    drawn = random.Random(turn).sample(groups, len(groups))
    hit = {group_of(item.path, tests) for item in items if touched.by(item.path)}
    return _sorted(items, tests, rank=lambda group: (group not in hit, drawn.index(group)))


def _sorted(items: Iterable[pytest.Item], tests: Path, *, rank: Callable[[str], object]) -> list[pytest.Item]:
    def key(item: pytest.Item) -> tuple[object, ...]:
        return _KINDS.index(kind_of(item)), rank(group_of(item.path, tests))

    return sorted(items, key=key)  # type: ignore[arg-type]
