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
    """One cluster, stopped and started once."""
    with driver() as made:
        options.say(f"create with {NODES} nodes")
        made("--profile", "sandbox", "create", NAME, str(NODES), TYPE, SHARE_GIB)
        return tuple(_timed(made, verb, options) for verb in ("stop", "start"))


def _timed(made: Driver, verb: str, options: Options) -> Figure:
    options.say(verb)
    whole, *phases = (Timing(**told) for told in json.loads(made.python("bench.by_phase", verb, NAME).output))
    return Figure(what=f"{verb}, {NODES} nodes", unit="s", runs=(whole.seconds,), phases=tuple(phases))


PART = Part(
    title="Stop and start",
    method="`hpcctl stop` and `hpcctl start` of a cluster in the sandbox, whose machines boot from their own disks: "
    "start ends when the acceptance check has passed. One run.",
    measure=measure,
)
