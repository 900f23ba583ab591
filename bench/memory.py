"""What the driver takes of the user's machine."""

from __future__ import annotations

from collections.abc import Sequence

from bench.figures import Figure, Options, Part
from bench.homes import driver
from bench.unmanned import make_and_terminate

SIZES = (4, 100)


def measure(options: Options) -> Sequence[Figure]:
    """One create for each size; machines are records."""
    figures = []
    with driver() as made:
        made("sandbox", "up", "--no-machines")
        for nodes in options.sizes(*SIZES):
            options.say(f"{nodes} nodes")
            told = make_and_terminate(made, nodes)
            figures += [
                Figure(what=f"hpcctl, {nodes} nodes", unit="MiB", runs=(_mib(told.own_kib),)),
                Figure(
                    what=f"largest process of Terraform, {nodes} nodes",
                    unit="MiB",
                    runs=(_mib(told.child_kib),),
                ),
            ]
    return figures


def _mib(kib: int) -> float:
    return round(kib / 1024, 1)


PART = Part(
    title="Memory of the driver",
    method="The most resident memory that one create had, by the kernel's own account (`getrusage`): of the hpcctl "
    "process, and of the largest process that it started (Terraform, or the AWS provider). On the sandbox "
    "without machines; the run ends before the first connection, with the SSH library loaded and the text for "
    "that connection made.",
    measure=measure,
)
