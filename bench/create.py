"""The command that a newcomer types, from nothing to a cluster that has passed its check."""

from __future__ import annotations

from collections.abc import Sequence

from bench.figures import Figure, Options, Part
from bench.homes import SHARE_GIB, TYPE, Driver, driver
from hpcctl.state import Timing
from hpcctl.workspace import Workspace

SIZES = (1, 2, 4)
TARGETS = {2: 75.0, 4: 100.0}
ONCE = frozenset({"sandbox", "machine image", "terraform: base"})
"""Phases that only the first cluster pays for."""

_OUTER_GATEWAY = "169.254.169.2"
"""Whoever logs in from outside of the private network comes from this address, seen from inside a machine."""


def measure(options: Options) -> Sequence[Figure]:
    """Each size in a home of its own, with the sandbox down at the start."""
    figures: list[Figure] = []
    for nodes in options.sizes(*SIZES):
        with driver() as made:
            options.say(f"the image, if it is missing; then create with {nodes} nodes")
            made("sandbox", "image", "build")
            figures += _create(made, nodes)
    return figures


def _create(made: Driver, nodes: int) -> tuple[Figure, ...]:
    name = f"bench-{nodes}"
    words = ("--profile", "sandbox", "create", name, str(nodes), TYPE, SHARE_GIB)
    seconds = round(made(*words).seconds, 3)
    phases = Workspace(home=made.home, name=name).load().timings
    rest = seconds - sum(timing.seconds for timing in phases if timing.name in ONCE)
    logins = _logins(made, name)
    terminate = round(made("terminate", "--yes", name).seconds, 3)
    size = f"{nodes} nodes" if nodes > 1 else "1 node"
    return (
        Figure(
            what=f"create, {size}, from nothing",
            unit="s",
            runs=(seconds,),
            target=TARGETS.get(nodes),
            phases=(*phases, _rest(seconds, phases)),
        ),
        Figure(
            what=f"create, {size}, without the sandbox's start and the base",
            unit="s",
            runs=(round(rest, 3),),
            target=TARGETS.get(nodes),
        ),
        Figure(what=f"SSH connections of the driver, {size}", unit="", runs=(logins,), target=1),
        Figure(what=f"terminate, {size}", unit="s", runs=(terminate,)),
    )


def _rest(seconds: float, phases: Sequence[Timing]) -> Timing:
    """Imports, keys, ssh configuration: what is in no phase."""
    told = sum(timing.seconds for timing in phases if timing.depth == 0)
    return Timing(name="everything else", seconds=round(seconds - told, 3))


def _logins(made: Driver, name: str) -> int:
    """Logins from outside in the log of the head's sshd, without the one that asks."""
    script = "sudo journalctl --no-pager -q -o cat -t sshd | grep -cF 'Accepted publickey for hpc from {}'"
    return int(made("ssh", name, "--", script.format(f"{_OUTER_GATEWAY} ")).output) - 1


PART = Part(
    title="From nothing to a cluster",
    method="`hpcctl create` in the sandbox, with the machine image in place and the sandbox down: the time of the "
    "whole command, which ends when an MPI job has run on every node. One run for each size. Connections are "
    "counted in the log of the head's SSH server.",
    measure=measure,
)
