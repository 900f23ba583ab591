"""A cluster at rest: its machines cost nothing until they are started, and all its disks stay."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hpcctl.aws import InstanceState, instances_of, power
from hpcctl.errors import CloudError, StateError
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.costing import Costs, standing_costs
from hpcctl.lifecycle.leaving import leave
from hpcctl.lifecycle.requiring import require_made
from hpcctl.logins import with_addresses
from hpcctl.metering import stopped
from hpcctl.state import ClusterRecord, Phase
from hpcctl.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """How it ended, and what still costs money."""

    already: bool
    costs: Costs


def stop(name: str, *, context: Context, force: bool = False) -> Stopped:
    """Stop all nodes in one call, after their work has ended in good order (``force``: without that).

    Safe to repeat, and after a start that was broken off. Raises UnknownCluster, StateError for an unfinished
    cluster, CloudError; hosts that do not answer are warned of and hold nothing up.
    """
    workspace = Workspace(home=context.home, name=name)
    with workspace.lock("stop", wait=context.wait, say=context.progress.note):
        record = workspace.load()
        require_made(record)
        present = instances_of(record.cloud, record.cluster_id)
        if not present:
            raise CloudError(f"{name} has no machines any more", hint=f"hpcctl show {name}")
        require_head_that_stays(record)
        already = all(one.state == "stopped" for one in present)
        if not already:
            record = replace(record, phase=Phase.STOPPING)
            workspace.save(record)
            present = _stopped(workspace, record, present, context, force=force)
        workspace.save(stopped(replace(with_addresses(record, present), phase=Phase.STOPPED)))
        return Stopped(already=already, costs=standing_costs(record, home=context.home))


def require_head_that_stays(record: ClusterRecord) -> None:
    """StateError for a head on spot capacity: it cannot be stopped, only end, and /share may go with it."""
    if record.spec.head.spot:
        raise StateError(
            f"the head of {record.spec.name} is on spot capacity, which cannot be stopped",
            hint=f"hpcctl terminate {record.spec.name} takes it away, with all volumes but those to be kept",
        )


def _stopped(
    workspace: Workspace,
    record: ClusterRecord,
    present: tuple[InstanceState, ...],
    context: Context,
    *,
    force: bool,
) -> tuple[InstanceState, ...]:
    progress = context.progress
    spot = [one.node for one in present if one.spot]
    if spot:
        progress.note(
            f"{', '.join(spot)}: spot nodes cannot be stopped; they end, and `hpcctl start` makes them anew"
        )
    running = frozenset(one.node for one in present if one.state == "running")
    if running and not force:
        leave(workspace, with_addresses(record, present), running, progress)
    with progress.phase("stop"):
        return power.stop(record.cloud, record.cluster_id, told=progress.detail)
