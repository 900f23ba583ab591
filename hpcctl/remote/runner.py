"""Stages on a cluster: one command on the head, results as they come."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from hpcctl.errors import RemoteError
from hpcctl.remote.plan import REACH_SECONDS, plan_text
from hpcctl.remote.ssh import Head
from hpcctl.spec.model import Role
from hpcctl.steps.model import Stage, State, StepResult
from hpcctl.steps.script import script_for
from hpcctl.steps.view import ClusterView

CONDUCTOR = Path(__file__).with_name("conductor.py")
# The program comes first on standard input, then the plan: nothing of either shows in a process list.
BOOTSTRAP = (
    "import sys; size = int(sys.stdin.readline()); program = sys.stdin.read(size);"
    " exec(compile(program, 'conductor', 'exec'))"
)


def run_stages(
    head: Head,
    view: ClusterView,
    stages: tuple[Stage, ...],
    *,
    told: Callable[[StepResult], None],
    reach_seconds: float = REACH_SECONDS,
) -> tuple[StepResult, ...]:
    """Run the stages; ``told`` hears of every result at once. A compute node has ``reach_seconds`` to answer.

    Raises RemoteError when the head itself cannot run them; failed steps are results, not errors.
    """
    results = []
    for result in _results(head, plan_text(view, stages, reach_seconds=reach_seconds)):
        told(result)
        results.append(result)
    if not results:
        raise RemoteError(f"{view.name}: the head ran nothing", hint="try again; `hpcctl ssh` shows the head")
    return tuple(results)


def run_on_head(head: Head, stage: Stage) -> None:
    """The head's part of a stage and nothing else, without the conductor. RemoteError if a step fails."""
    for line in head.stream("sudo -n bash -s", script_for(stage, Role.HEAD)):
        _, step, state, _, output = line.split("\t")
        if state == State.FAILED.value:
            words = base64.b64decode(output).decode(errors="replace").strip()
            raise RemoteError(f"the step {step!r} failed on the head: {words}")


def _results(head: Head, plan: str) -> Iterator[StepResult]:
    program = CONDUCTOR.read_text()
    data = f"{len(program)}\n{program}{plan}"
    for line in head.stream(f'sudo -n python3 -c "{BOOTSTRAP}"', data):
        fields = json.loads(line)
        yield StepResult(**{**fields, "state": State(fields["state"])})
