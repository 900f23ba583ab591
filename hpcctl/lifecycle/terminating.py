"""A cluster taken away: everything that costs money goes, the bucket and the base stay."""

from __future__ import annotations

from dataclasses import replace

from hpcctl.aws import power
from hpcctl.errors import CloudError
from hpcctl.files import moved_away
from hpcctl.lifecycle.adopting import ATTACHMENTS, INSTANCES, adopt_strays, require_nothing_left
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.keeping import drop_unmarked, mark, tell_kept
from hpcctl.lifecycle.terraforming import destroy, forget
from hpcctl.state import ClusterRecord, Phase
from hpcctl.workspace import Workspace


def terminate(name: str, *, context: Context) -> None:
    """Destroy the machines, their volumes and what belongs to them, then forget the cluster.

    Volumes that are to be kept stay, and are told of. Safe to repeat after a failure. Raises UnknownCluster when
    there is nothing of that name.
    """
    workspace = Workspace(home=context.home, name=name)
    with workspace.lock("terminate", wait=context.wait, say=context.progress.note):
        record = workspace.load()
        mark(record)
        take_away(workspace, record, context)
        tell_kept(record, context)


def take_away(workspace: Workspace, record: ClusterRecord, context: Context) -> None:
    """The same for whoever holds the cluster's lock already; of the volumes to be kept only those that are marked."""
    with context.progress.phase(f"terraform: destroy {record.spec.name}"):
        adopt_strays(workspace, record, context)
        # The cloud has answered: from here on the cluster is no longer one that `create` could finish.
        workspace.save(replace(record, phase=Phase.TERMINATING))
        _destroy(workspace, record, context)
    workspace.remove(swept=False)


def undo(workspace: Workspace, record: ClusterRecord, context: Context) -> None:
    """Take away all that the cluster has in the cloud. Its folder stays, so that it can be made again."""
    with context.progress.phase(f"terraform: undo {record.spec.name}"):
        adopt_strays(workspace, record, context)
        _destroy(workspace, record, context)


def _destroy(workspace: Workspace, record: ClusterRecord, context: Context) -> None:
    _end_machines(workspace, record, context)
    destroy(workspace.terraform, size=record.spec.nodes, context=context)
    drop_unmarked(record, context)
    require_nothing_left(record)


def _end_machines(workspace: Workspace, record: ClusterRecord, context: Context) -> None:
    """All instances in one call, however many: Terraform would ask a dozen questions for each of them.

    What cannot be ended so (an instance that is protected, say) is left to Terraform, which takes them one by one.
    """
    try:
        power.terminate(record.cloud, record.cluster_id, told=context.progress.detail)
    except CloudError as error:
        context.progress.note(f"{error.message}; Terraform tries each by itself")
    else:
        for resource in (INSTANCES, ATTACHMENTS):
            forget(workspace.terraform, resource, context=context)


def forget_remains(workspace: Workspace) -> bool:
    """Files without a record, of a cluster that was never made or is terminated: move them away. Were there any?

    A folder in which Terraform ran is none of those: something may have been made, and the record was lost.
    """
    if not workspace.path.exists():
        return moved_away(workspace.path).exists()
    with workspace.lock("terminate"):
        if workspace.exists() or workspace.log.exists():
            return False
        workspace.remove(swept=False)
    return True
