"""Terraform's share of a create, whatever the machines do."""

from __future__ import annotations

from collections.abc import Sequence

from bench.figures import Figure, Options, Part
from bench.homes import driver
from bench.unmanned import Made, make_and_terminate

TARGETS = {4: 25.0, 100: 40.0}
RUNS = 3


def measure(options: Options) -> Sequence[Figure]:
    """The base once, with the first cluster; then clusters of each size."""
    with driver() as made:
        made("sandbox", "up", "--no-machines")
        options.say("the base, and a cluster of 1 node")
        first = make_and_terminate(made, 1)
        figures = [Figure(what="base", unit="s", runs=(first.seconds("terraform: base"),))]
        for nodes in options.sizes(*TARGETS):
            runs = []
            for number in range(options.repeats(RUNS)):
                options.say(f"{nodes} nodes, run {number + 1}")
                runs.append(make_and_terminate(made, nodes))
            figures += _figures(nodes, runs)
    return figures


def _figures(nodes: int, runs: Sequence[Made]) -> tuple[Figure, ...]:
    return (
        Figure(
            what=f"cluster of {nodes} nodes, base in place",
            unit="s",
            runs=tuple(run.seconds("terraform: cluster") for run in runs),
            target=TARGETS[nodes],
        ),
        Figure(
            what=f"preflight, {nodes} nodes", unit="s", runs=tuple(run.seconds("preflight") for run in runs)
        ),
        Figure(
            what=f"hpcctl terminate, {nodes} nodes",
            unit="s",
            runs=tuple(round(run.terminate, 3) for run in runs),
        ),
    )


PART = Part(
    title="Terraform",
    method="`hpcctl sandbox up --no-machines`: the real Terraform and the real AWS provider against the sandbox's "
    f"API, instances without machines. {RUNS} runs of each size; medians. The provider waits 10 s for an instance "
    "and 10 s each for a VPC and its subnets, whatever the API answers.",
    measure=measure,
)
