"""From the death of a machine, while its cluster is made, to its successor in service."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

from bench.figures import Figure, Options, Part
from bench.homes import SHARE_GIB, TYPE, Driver, driver
from bench.programs import Done
from hpcctl import sandbox
from hpcctl.aws import instances_of
from hpcctl.errors import SandboxError
from hpcctl.sandbox.client import SandboxClient
from hpcctl.workspace import Workspace

NAME = "bench-lost"
NODE = "node001"


def measure(options: Options) -> Sequence[Figure]:
    """A create of two nodes whose compute node loses its machine at the first step."""
    runs = []
    for _ in range(options.repeats(1)):
        with driver() as made:
            options.say("create with 2 nodes, one of which dies")
            made("sandbox", "up")
            runs.append(_replaced(made))
    return (Figure(what="a dead node to its replacement in service", unit="s", runs=tuple(runs)),)


def _replaced(made: Driver) -> float:
    """Seconds from the plug to the last check of the second machine."""
    with ThreadPoolExecutor(1) as pool:
        creating = pool.submit(made, "--profile", "sandbox", "create", NAME, "2", TYPE, SHARE_GIB)
        died = _kill(made, creating)
        creating.result()
    ready = max(when for host, when in _told(made) if host == NODE)
    return round(ready - died, 3)


def _kill(made: Driver, creating: Future[Done]) -> float:
    """Pull the plug of the node as soon as it has told of a step; when that was."""
    while not any(host == NODE for host, _ in _told(made)):
        if creating.done():
            raise SandboxError("the cluster was made before its node could be killed")
        time.sleep(0.1)
    record = sandbox.running(made.home)
    if record is None:
        raise SandboxError("the sandbox is down")
    cluster_id = Workspace(home=made.home, name=NAME).load().cluster_id
    (doomed,) = (one for one in instances_of(sandbox.cloud(made.home), cluster_id) if one.node == NODE)
    died = time.time()
    SandboxClient(url=record.url).kill(doomed.instance_id)
    return died


def _told(made: Driver) -> list[tuple[str, float]]:
    """Host and time of every step that was told so far."""
    path = Workspace(home=made.home, name=NAME).log / "steps.log"
    lines = path.read_text().splitlines() if path.exists() else []
    steps = [json.loads(line) for line in lines]
    return [(step["host"], datetime.fromisoformat(step["time"]).timestamp()) for step in steps]


PART = Part(
    title="A machine that dies",
    method="`hpcctl create` of 2 nodes in the sandbox. The plug of the compute node is pulled when it has told of its "
    "first step: the time from there until the second machine has passed its last check. 30 s of it pass before the "
    "head takes a silent node for dead.",
    measure=measure,
)
