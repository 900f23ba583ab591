"""results.json, and docs/benchmarks.md from it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.figures import Figure, Part
from hpcctl.files import write_atomically

_HEAD = """# Benchmarks

Written by `make bench` (`python -m bench`); the raw numbers are in [bench/results.json](../bench/results.json).
The ratio is the measured value divided by the target: above 1 the target is missed. Tests assert none of this.
"""
_SAME = ("processor", "cores", "memory", "hardware virtualisation")


@dataclass(frozen=True, kw_only=True)
class Results:
    """What was measured, by part, and on which machine."""

    machine: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, Sequence[Figure]] = field(default_factory=dict)

    def with_part(self, machine: Mapping[str, str], name: str, figures: Sequence[Figure]) -> Results:
        """With one part measured anew. Numbers of another machine are no company for it."""
        same = all(self.machine.get(key) == machine.get(key) for key in _SAME)
        return Results(machine=machine, figures={**(self.figures if same else {}), name: figures})

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        figures = {name: [each.to_json() for each in part] for name, part in self.figures.items()}
        return {"machine": dict(self.machine), "figures": figures}

    @classmethod
    def read(cls, path: Path) -> Results:
        """From results.json; nothing measured if there is none."""
        if not path.exists():
            return cls()
        data = json.loads(path.read_text(encoding="utf-8"))
        figures = {name: [Figure.from_json(each) for each in part] for name, part in data["figures"].items()}
        return cls(machine=data["machine"], figures=figures)

    def write(self, path: Path) -> None:
        """To results.json."""
        write_atomically(path, json.dumps(self.to_json(), indent=2, ensure_ascii=False) + "\n")
        path.chmod(0o644)


def markdown(results: Results, parts: Mapping[str, Part]) -> str:
    """The page: the machine, then a table for each part."""
    sections = [_HEAD, _machine(results.machine)]
    for name, part in parts.items():
        sections.append(f"## {part.title}\n\n{part.method}\n")
        figures = results.figures.get(name)
        sections.append(_table(figures) if figures else "Not measured on this machine.\n")
        if figures and any(figure.phases for figure in figures):
            sections.append(_phases([figure for figure in figures if figure.phases]))
    return "\n".join(sections)


def _machine(machine: Mapping[str, str]) -> str:
    if not machine:
        return "Nothing is measured yet.\n"
    rows = "".join(f"| {name} | {value} |\n" for name, value in machine.items())
    return f"| the machine | |\n|---|---|\n{rows}"


def _table(figures: Sequence[Figure]) -> str:
    rows = []
    for figure in figures:
        target = "" if figure.target is None else f"≤ {_number(figure.target, figure.unit)}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        spread = f"{_number(min(figure.runs), figure.unit)} to {_number(max(figure.runs), figure.unit)}"
        runs = f"{len(figure.runs)} ({spread})" if len(figure.runs) > 1 else "1"
        rows.append(
            f"| {figure.what} | {_number(figure.value, figure.unit)} | {target} | {ratio} | {runs} |\n"
        )
    return "| what | measured | target | ratio | runs |\n|---|---:|---:|---:|---|\n" + "".join(rows)


def _phases(figures: Sequence[Figure]) -> str:
    """Seconds by phase, a column for each figure."""
    names = list(dict.fromkeys((each.name, each.depth) for figure in figures for each in figure.phases))
    times = [{(each.name, each.depth): each.seconds for each in figure.phases} for figure in figures]
    head = "| phase | " + " | ".join(figure.what for figure in figures) + " |\n"
    lines = [head, "|---|" + "---:|" * len(figures) + "\n"]
    for name, depth in sorted(names, key=lambda key: key == ("everything else", 0)):
        cells = (f"{column[name, depth]:.1f} s" if (name, depth) in column else "" for column in times)
        lines.append(f"| {'of which ' * bool(depth)}{name} | {' | '.join(cells)} |\n")
    return "".join(lines)


def _number(value: float, unit: str) -> str:
    digits = f"{value:.0f}" if unit in {"ms", ""} else f"{value:.1f}"
    return f"{digits} {unit}".strip()
