"""What every part of the benchmark gives back, and what it is told."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hpcctl.state import Timing


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number: the median of its runs. ``target`` is the most that it may be; ``phases`` are its parts."""

    what: str
    unit: str
    runs: tuple[float, ...]
    target: float | None = None
    phases: tuple[Timing, ...] = ()

    @property
    def value(self) -> float:
        """The number itself."""
        return statistics.median(self.runs)

    @property
    def ratio(self) -> float | None:
        """How much of the target is used; above 1 it is missed."""
        return None if self.target is None else self.value / self.target

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**asdict(self), "value": self.value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Figure:
        """The same figure again."""
        return cls(
            what=data["what"],
            unit=data["unit"],
            runs=tuple(data["runs"]),
            target=data["target"],
            phases=tuple(Timing(**timing) for timing in data["phases"]),
        )


@dataclass(frozen=True, kw_only=True)
class Options:
    """How much is measured. ``quick`` is for trying the benchmark itself: the smallest sizes, once."""

    quick: bool
    say: Callable[[str], None]

    def sizes(self, *wanted: int) -> tuple[int, ...]:
        """Of these cluster sizes, the ones to measure."""
        return wanted[:1] if self.quick else wanted

    def repeats(self, wanted: int) -> int:
        """How often something is measured."""
        return 1 if self.quick else wanted


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the benchmark. ``method`` says how it is measured, for the report."""

    title: str
    method: str
    measure: Callable[[Options], Sequence[Figure]]
