"""A cluster put to rest and woken up, by phase."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bench.figures import Figure, Options, Part
from bench.homes import SHARE_GIB, TYPE, Driver, driver
from hpcctl.state import Timing

NODES = 2
NAME = "bench-power"


def measure(options: Options) -> Sequence[Figure]:
    """One cluster, stopped and started as often as asked for."""
    with driver() as made:
        options.say(f"create with {NODES} nodes")
        made("--profile", "sandbox", "create", NAME, str(NODES), TYPE, SHARE_GIB)
        runs: dict[str, list[Timing]] = {"stop": [], "start": []}
        phases: dict[str, tuple[Timing, ...]] = {}
        for _ in range(options.repeats(3)):
            for verb, seconds in runs.items():
                options.say(verb)
                phases[verb] = _timed(made, verb)
                seconds.append(phases[verb][0])
        return tuple(
            Figure(
                what=f"{verb}, {NODES} nodes",
                unit="s",
                runs=tuple(whole.seconds for whole in seconds),
                phases=phases[verb][1:],
            )
            for verb, seconds in runs.items()
        )


def _timed(made: Driver, verb: str) -> tuple[Timing, ...]:
    """The whole verb, then its phases."""
    told = json.loads(made.python("bench.by_phase", verb, NAME).output)
    return tuple(Timing(**timing) for timing in told)


PART = Part(
    title="Stop and start",
    method="`hpcctl stop` and `hpcctl start` of a cluster in the sandbox, whose machines boot from their own disks: "
    "start ends when the acceptance check has passed. The phases are those of the last run.",
    measure=measure,
)
