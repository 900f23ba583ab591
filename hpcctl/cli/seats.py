"""``hpcctl create --count``: a class of like clusters, made side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hpcctl.cli import console
from hpcctl.cli.progress import Recorder
from hpcctl.cli.session import Session
from hpcctl.cli.several import Ended, how_it_failed, publish_logins, side_by_side, tell_failures, tell_timings
from hpcctl.errors import ExitCode
from hpcctl.workspace import Workspace

if TYPE_CHECKING:
    from hpcctl.lifecycle.classes import Plan
    from hpcctl.lifecycle.context import Context
    from hpcctl.lifecycle.creating import CreateRequest
    from hpcctl.state import ClusterRecord


def create_class(
    session: Session, requests: Sequence[CreateRequest], *, progress: Recorder, wait: bool, timings: bool
) -> int:
    """Make all of them, or what an earlier run has left; one that fails holds no other up."""
    name, nodes = requests[0].spec.class_name, requests[0].spec.nodes
    console.say(f"{name}: {len(requests)} clusters of {nodes} nodes, {len(requests) * nodes} nodes in all")
    plan = _planned(session, requests, progress)
    by_name = {request.spec.name: request for request in plan.requests}

    def do(seat: str, context: Context) -> ClusterRecord:
        return _create(by_name[seat], context)

    try:
        ended = side_by_side(session, "create", tuple(by_name), do, wait=wait)
    finally:
        publish_logins(session)
    code = _tell(name, plan, ended)
    if timings:
        tell_timings(ended)
    return code


def _planned(session: Session, requests: Sequence[CreateRequest], progress: Recorder) -> Plan:
    from hpcctl.lifecycle.classes import plan_class

    plan = plan_class(requests, context=session.context(progress))
    if plan.others:
        console.say(f"beyond these: {', '.join(plan.others)}, left as they are")
    asked = {request.spec.name: request.spec.authorized for request in requests}
    for name in plan.ready:
        if Workspace(home=session.home, name=name).load().spec.authorized != asked[name]:
            console.warn(f"{name} is ready; `hpcctl authorize` changes who may log in there")
    return plan


def _create(request: CreateRequest, context: Context) -> ClusterRecord:
    """One of them; the times that it took are kept."""
    from hpcctl.lifecycle.creating import create

    record = create(request, context=context)
    if isinstance(context.progress, Recorder):
        workspace = Workspace(home=context.home, name=request.spec.name)
        with workspace.lock("create", wait=True):
            workspace.save(replace(workspace.load(), timings=context.progress.timings))
    return record


def _tell(name: str, plan: Plan, ended: Sequence[Ended[ClusterRecord]]) -> ExitCode:
    rows = [(seat, "ready already", "", "") for seat in plan.ready]
    rows += [(one.name, *_row(one), f"{one.seconds:.1f} s") for one in ended]
    console.table(("CLUSTER", "RESULT", "ADDRESS", "TIME"), sorted(rows))
    code = tell_failures(ended)
    failed = sum(one.failure is not None for one in ended)
    if failed:
        console.say(f"{failed} of {len(rows)} clusters are not ready; the same command goes on with them")
    for one in sorted(row[0] for row in rows if row[1].startswith("ready"))[:1]:
        console.result(f"  log in     ssh {one}          (one of them; or: hpcctl ssh {one})")
    console.result(f"  look       hpcctl list {name}")
    if any(request.spec.authorized for request in plan.requests):
        console.result(f"  hand out   hpcctl hosts --format seats {name}")
    console.result(f"  terminate  hpcctl terminate {name}")
    return code


def _row(one: Ended[ClusterRecord]) -> tuple[str, str]:
    if one.value is None:
        return (how_it_failed(one), "")
    inventory = one.value.inventory
    return ("ready", (inventory.head.public_ip if inventory else None) or "-")
