"""What it costs to look through a cluster file."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence

from bench.figures import Figure, Options, Part
from bench.homes import driver, hpcctl
from bench.programs import ROOT, run

RUNS = 20
FILE = ROOT / "bench" / "two_hundred_lines.hcl"
_PYTHON = "python -c pass"


def measure(options: Options) -> Sequence[Figure]:
    """Medians of runs that take turns, so that what else the machine does meets both."""
    commands = {
        _PYTHON: [sys.executable, "-c", "pass"],
        "validate": [*hpcctl(), "validate", str(FILE)],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    with driver() as made:
        for command in commands.values():  # once for the disk's sake
            run(command, made.environment)
        for _ in range(options.repeats(RUNS)):
            for name, command in commands.items():
                times[name].append(run(command, made.environment).seconds)
    bare = statistics.median(times[_PYTHON])
    above = tuple(round((each - bare) * 1000, 1) for each in times["validate"])
    whole = tuple(round(each * 1000, 1) for each in times["validate"])
    return (
        Figure(what="hpcctl validate of 200 lines, all of it", unit="ms", runs=whole),
        Figure(what="hpcctl validate above python", unit="ms", runs=above, target=300),
    )


PART = Part(
    title="Validation of a cluster file",
    method=f"`hpcctl validate` of `bench/two_hundred_lines.hcl` (two templates, nine compute groups) and `{_PYTHON}` "
    f"take turns, {RUNS} times each; medians. The target is for the time above that of Python itself.",
    measure=measure,
)
