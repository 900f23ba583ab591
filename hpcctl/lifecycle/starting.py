"""A stopped cluster started again: other addresses, the same steps, the same check."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hpcctl.aws import instances_of, power
from hpcctl.errors import CloudError, HpcctlError, TerraformError
from hpcctl.lifecycle.configuring import configure_cluster
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.finishing import finish
from hpcctl.lifecycle.guarding import NO_LOSS, Permission
from hpcctl.lifecycle.lifetimes import counted_anew
from hpcctl.lifecycle.mending import mend
from hpcctl.lifecycle.requiring import missing, require_made
from hpcctl.lifecycle.zones import why_elsewhere
from hpcctl.logins import with_addresses
from hpcctl.metering import started
from hpcctl.state import ClusterRecord, Phase
from hpcctl.workspace import Workspace

COMPLETE = (Phase.READY, Phase.DEGRADED)


@dataclass(frozen=True, kw_only=True)
class Started:
    """The cluster as it is now; ``already``: it was running, and nothing was done."""

    record: ClusterRecord
    already: bool


def start(name: str, *, context: Context, permission: Permission = NO_LOSS) -> Started:
    """Start what is stopped, in one call, make again what was removed by hand, configure and check all nodes.

    Safe to repeat, and after a stop that was broken off. Raises UnknownCluster, StateError for an unfinished
    cluster, PlanRefused where something would be lost without ``permission``, CloudError (no capacity: it stays
    stopped), RemoteError and HostsFailed.
    """
    workspace = Workspace(home=context.home, name=name)
    with workspace.lock("start", wait=context.wait, say=context.progress.note):
        record = workspace.load()
        require_made(record)
        present = instances_of(record.cloud, record.cluster_id)
        complete = record.phase in COMPLETE and all(one.state == "running" for one in present)
        if complete and not missing(record, present):
            return Started(record=record, already=True)
        record = _mended(workspace, record, context, permission)
        record = _running(workspace, record, context)
        outcome = configure_cluster(workspace, record, context.progress)
        return Started(record=finish(workspace, record, outcome), already=False)


def _mended(
    workspace: Workspace, record: ClusterRecord, context: Context, permission: Permission
) -> ClusterRecord:
    """All machines are there; those on spot capacity ended when the cluster stopped."""
    try:
        return mend(workspace, record, context, permission)
    except TerraformError as error:
        raise no_spot(record, error) from error


def no_spot(record: ClusterRecord, error: TerraformError) -> HpcctlError:
    """The error in words of spot capacity, where that is what was lacking."""
    reason = why_elsewhere(error)
    if not (reason and record.is_resting and record.spot_names):
        return error
    name = record.spec.name
    return CloudError(
        f"not all spot nodes of {name} can be had now: {reason}",
        hint=f"nothing is lost: `hpcctl start {name}` later; until then `hpcctl stop {name}` ends those that run",
    )


def _running(workspace: Workspace, record: ClusterRecord, context: Context) -> ClusterRecord:
    """All machines run, and the record has their addresses."""
    before, record = record, counted_anew(replace(record, phase=Phase.STARTING))
    workspace.save(record)
    try:
        with context.progress.phase("start"):
            present = power.start(record.cloud, record.cluster_id, told=context.progress.detail)
    except CloudError as error:
        if error.code in power.NO_CAPACITY and before.phase is Phase.STOPPED:
            workspace.save(before)
        raise
    record = started(with_addresses(record, present))
    workspace.save(record)
    return record
