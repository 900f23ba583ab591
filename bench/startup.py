"""What the command line costs before it does anything."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence

from bench.figures import Figure, Options, Part
from bench.homes import Driver, driver, hpcctl
from bench.programs import run

RUNS = 40
_PYTHON = "python -c pass"


def measure(options: Options) -> Sequence[Figure]:
    """Medians of runs that take turns, so that what else the machine does meets all of them."""
    with driver() as made:
        times = _times(made, options.repeats(RUNS))
    bare = statistics.median(times[_PYTHON])
    return (
        Figure(what=_PYTHON, unit="ms", runs=_milliseconds(times[_PYTHON], 0)),
        Figure(what="hpcctl --help, all of it", unit="ms", runs=_milliseconds(times["--help"], 0)),
        Figure(
            what="hpcctl --help above python", unit="ms", runs=_milliseconds(times["--help"], bare), target=70
        ),
        Figure(what="hpcctl list, all of it", unit="ms", runs=_milliseconds(times["list"], 0)),
        Figure(
            what="hpcctl list above python", unit="ms", runs=_milliseconds(times["list"], bare), target=150
        ),
    )


def _times(made: Driver, runs: int) -> dict[str, list[float]]:
    commands = {
        _PYTHON: [sys.executable, "-c", "pass"],
        "--help": [*hpcctl(), "--help"],
        "list": [*hpcctl(), "list"],
    }
    environment = made.environment
    for command in commands.values():  # once for the disk's sake
        run(command, environment)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            times[name].append(run(command, environment).seconds)
    return times


def _milliseconds(seconds: Sequence[float], above: float) -> tuple[float, ...]:
    return tuple(round((each - above) * 1000, 1) for each in seconds)


PART = Part(
    title="Start of the command line",
    method=f"`hpcctl --help`, `hpcctl list` without a cluster and `{_PYTHON}` take turns, {RUNS} times each; "
    "medians. The targets are for the time above that of Python itself.",
    measure=measure,
)
