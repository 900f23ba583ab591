"""What was removed by hand is made again, unless that would hide that data is gone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from hpcctl.absent import absences_of
from hpcctl.aws import Absence, dying
from hpcctl.errors import StateError
from hpcctl.inventory import Inventory
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.guarding import (
    DESTROY_DATA,
    NO_LOSS,
    Objection,
    Permission,
    guarded_apply,
    head_words,
    permission_for,
    refusal,
    volume_words,
)
from hpcctl.lifecycle.keeping import mark
from hpcctl.spec.model import HEAD
from hpcctl.spec.volumes import attached_volumes
from hpcctl.state import ClusterRecord
from hpcctl.workspace import Workspace

ASKED = 3
"""How often something must be missing before it is believed: the cloud's answers lag behind what was made."""

POLL_SECONDS = 1.0
DYING_SECONDS = 300


def mend(
    workspace: Workspace, record: ClusterRecord, context: Context, permission: Permission = NO_LOSS
) -> ClusterRecord:
    """The record of the same cluster with all of its nodes; nothing is done where nothing is missing.

    A compute node is made again with its name and address. Raises PlanRefused where the head is gone, and /share
    with it, unless ``permission`` allows to begin with an empty one; StateError where only the volume is.
    """
    missing = confirmed_absences(record)
    if not missing:
        return record
    require_mendable(missing, record, permission)
    context.progress.note(_told(record, missing))
    mended = replace(record, inventory=restored(workspace, record, context, permission))
    mark(mended)
    workspace.save(mended)
    return mended


def restored(
    workspace: Workspace, record: ClusterRecord, context: Context, permission: Permission
) -> Inventory:
    """Make the cloud as the cluster's folder says, by a plan that was read first; what there is then."""
    with context.progress.phase("terraform: cluster"):
        _await_the_dying(record)
        outputs = guarded_apply(workspace, record, permission_for(record, permission), context)
    return Inventory.from_json(outputs["inventory"])


def require_mendable(missing: Sequence[Absence], record: ClusterRecord, permission: Permission) -> None:
    """PlanRefused, or StateError, if what is missing cannot be made again as it was."""
    made = {one.volume.name: one for one in attached_volumes(record.spec) if not one.volume.volume_id}
    for lost in (made[one.volume] for one in missing if one.volume in made):
        volume = record.inventory.volume_id(lost.volume.name) if record.inventory else "the volume"
        raise StateError(
            f"{volume}, {volume_words(lost.volume)}, is not attached to the head of {record.spec.name}",
            hint=f"attach it as {lost.path} (aws ec2 attach-volume);"
            f" if it is lost: hpcctl terminate {record.spec.name}",
        )
    head_is_gone = any(one.node == HEAD for one in missing)
    if head_is_gone and not permission_for(record, permission).covers(HEAD):
        words = head_words(record)
        what = f"the head is gone, and {words}; a new one would begin empty" if words else "the head is gone"
        raise refusal(record, [Objection(what=what, option=DESTROY_DATA)])


def _told(record: ClusterRecord, missing: Sequence[Absence]) -> str:
    """Spot nodes end whenever the cluster stops: that they are missing is nothing to wonder at."""
    spot = [one.what for one in missing if one.node in record.spot_names]
    others = [one.what for one in missing if one.node not in record.spot_names]
    words = [
        *([f"gone from the cloud, and made again: {', '.join(others)}"] if others else ()),
        *([f"spot nodes made anew: {', '.join(spot)}"] if spot else ()),
    ]
    return "; ".join(words)


def confirmed_absences(record: ClusterRecord) -> tuple[Absence, ...]:
    """What is missing, asked again until the answers agree."""
    missing = absences_of(record)
    for _ in range(ASKED - 1):
        if not missing:
            break
        time.sleep(POLL_SECONDS)
        missing = absences_of(record)
    return missing


def _await_the_dying(record: ClusterRecord) -> None:
    """Terraform takes an instance that shuts down for one that is there."""
    deadline = time.monotonic() + DYING_SECONDS
    while dying(record.cloud, record.cluster_id) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
