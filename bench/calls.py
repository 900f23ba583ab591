"""How much the verbs ask of the API, at two sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bench.figures import Figure, Options, Part
from bench.homes import Driver, driver
from hpcctl import sandbox
from hpcctl.aws import power
from hpcctl.sandbox.client import SandboxClient
from hpcctl.state import Phase
from hpcctl.workspace import Workspace

SIZES = (4, 100)
NAME = "bench-calls"
_WAITING = "ec2:DescribeInstances"


@dataclass(frozen=True, kw_only=True)
class Count:
    """What one verb asked for: once in all, and while it waited."""

    asked: int
    waiting: int


def measure(options: Options) -> Sequence[Figure]:
    """One cluster of each size, made up to SSH; its machines are records."""
    figures: list[Figure] = []
    with driver() as made:
        made("sandbox", "up", "--no-machines")
        for nodes in options.sizes(*SIZES):
            options.say(f"a cluster of {nodes} nodes")
            for verb, count in _counted(made, nodes).items():
                figures += [
                    Figure(what=f"{verb}, {nodes} nodes", unit="", runs=(count.asked,)),
                    Figure(
                        what=f"{verb}, {nodes} nodes: looks at the instances", unit="", runs=(count.waiting,)
                    ),
                ]
    return figures


def _counted(made: Driver, nodes: int) -> dict[str, Count]:
    made.python("bench.until_ssh", NAME, str(nodes))
    workspace = Workspace(home=made.home, name=NAME)
    record = replace(workspace.load(), phase=Phase.READY)
    workspace.save(record)
    client = SandboxClient(url=str(sandbox.cloud(made.home).endpoint_url))
    verbs: dict[str, Callable[[], object]] = {
        "show": lambda: made("show", NAME),
        "stop": lambda: made("stop", "--force", NAME),
        "start": lambda: power.start(record.cloud, record.cluster_id, told=lambda _: None),
        "terminate": lambda: made("terminate", "--yes", NAME),
    }
    return {verb: _count(client, act) for verb, act in verbs.items()}


def _count(client: SandboxClient, act: Callable[[], object]) -> Count:
    client.clear_calls()
    act()
    calls = client.calls()
    waiting = sum(call.count for call in calls if call.permission == _WAITING)
    return Count(asked=sum(call.count for call in calls) - waiting, waiting=waiting)


PART = Part(
    title="API calls",
    method="Calls that hpcctl and Terraform make together, counted by the sandbox. The machines are records "
    "here: `start` is counted up to the first connection. DescribeInstances is counted apart: how often one looks "
    "whether machines have stopped, started or ended depends on how long that takes.",
    measure=measure,
)
