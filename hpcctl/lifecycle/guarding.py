"""Terraform on a cluster that exists: its plan is read before it is carried out.

What would cost a node or data is named in plain words and refused, unless the caller was given leave. What is carried
out is the plan that was read, and no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpcctl.aws import resources_of
from hpcctl.errors import PlanRefused
from hpcctl.lifecycle.adopting import instance_address, strays_of, tell_adopted
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.hostkeys import reset_host_keys
from hpcctl.lifecycle.terraforming import apply, planned, settle
from hpcctl.spec.model import HEAD, SHARE, Volume
from hpcctl.spec.volumes import attached_volumes
from hpcctl.state import ClusterRecord, Phase
from hpcctl.terraform import Plan, PlannedChange, Wish
from hpcctl.workspace import Workspace

REPLACE, DESTROY_DATA = "--replace", "--destroy-data"

_INSTANCE, _VOLUME = "aws_instance", "aws_ebs_volume"
_OF_A_NODE = frozenset({"aws_launch_template", "aws_volume_attachment"})
"""What is made and goes with a node, and is no loss without it."""

_STOPPED_FOR = frozenset({"instance_type", "ebs_optimized"})
"""Changes of an instance for which the provider stops it and starts it again."""

_CAUSES = {
    "replace_because_tainted": "it was left half made",
    "replace_by_request": "as was asked for",
    "delete_because_each_key": "it is no node of the cluster any more",
}
_ATTRIBUTES = {
    "instance_type": "type",
    "subnet_id": "subnet",
    "private_ip": "private address",
    "key_name": "key pair",
    "root_block_device": "root disk",
    "iam_instance_profile": "instance profile",
    "vpc_security_group_ids": "security group",
}


@dataclass(frozen=True, kw_only=True)
class Permission:
    """What may be lost. ``nodes`` are the names of nodes that hold nothing worth keeping, whatever happens to them."""

    replace: bool = False
    destroy_data: bool = False
    nodes: frozenset[str] = frozenset()

    def covers(self, node: str) -> bool:
        """May this node go?"""
        return node in self.nodes or (self.destroy_data if node == HEAD else self.replace)


NO_LOSS = Permission()


@dataclass(frozen=True, kw_only=True)
class Objection:
    """Something that a plan would do, in words, and the option that allows it."""

    what: str
    option: str


def guarded_apply(
    workspace: Workspace,
    record: ClusterRecord,
    permission: Permission,
    context: Context,
    *,
    replace: Sequence[str] = (),
) -> Mapping[str, Any]:
    """Make the cloud as the cluster's folder says; the outputs by name.

    ``replace`` are names of nodes that are to be made anew. What an interrupted run left behind is taken into the
    state. Raises PlanRefused, before anything is changed, for what ``permission`` does not cover.
    """
    settle(workspace.terraform, context=context)
    strays = strays_of(record, resources_of(record.cloud, record.cluster_id))
    wish = Wish(replace=tuple(instance_address(node) for node in replace), strays=strays)
    size = record.spec.nodes
    with planned(workspace.terraform, wish, size=size, context=context) as plan:
        for address in plan.adopted:
            tell_adopted(strays[address], context)
        require_permitted(plan, record, permission)
        reset_host_keys(workspace, _made_anew(plan))
        return apply(workspace.terraform, size=size, context=context, plan=plan)


def _made_anew(plan: Plan) -> tuple[str, ...]:
    """The nodes that get a machine, which begins with the host key of its user data."""
    return tuple(
        change.node for change in plan.changes if change.kind == _INSTANCE and "create" in change.actions
    )


def permission_for(record: ClusterRecord, given: Permission) -> Permission:
    """While a cluster is being created nothing has run on it yet: all of it may be made anew."""
    return Permission(replace=True, destroy_data=True) if record.phase is Phase.CREATING else given


def require_permitted(plan: Plan, record: ClusterRecord, permission: Permission) -> None:
    """PlanRefused, with all that ``plan`` would do and ``permission`` does not cover."""
    refused = [
        objection
        for objection in objections(plan.changes, record, permission.nodes)
        if not _allowed(objection, permission)
    ]
    if refused:
        raise refusal(record, refused)


def refusal(record: ClusterRecord, objections: Sequence[Objection]) -> PlanRefused:
    """The error that names them all, and what allows them."""
    options = " ".join(dict.fromkeys(objection.option for objection in objections))
    what = "; ".join(objection.what for objection in objections)
    return PlanRefused(
        f"refused, and nothing was changed in {record.spec.name}: {what}",
        hint=f"the same command with {options} does it all the same",
    )


def objections(
    changes: Sequence[PlannedChange], record: ClusterRecord, expendable: frozenset[str] = frozenset()
) -> Iterator[Objection]:
    """What somebody must allow, change by change; ``expendable`` nodes need no leave."""
    for change in changes:
        if change.kind in _OF_A_NODE or (change.kind == _INSTANCE and change.node in expendable):
            continue
        if change.destroys:
            yield _loss(change, record)
        elif change.kind == _INSTANCE and _STOPPED_FOR.intersection(change.attributes):
            what = f"{change.node} would be stopped and started again: {_why(change)}"
            yield Objection(what=what, option=REPLACE)


def head_words(record: ClusterRecord) -> str:
    """What goes with the head, and what a new one would not have; empty where nothing of it is lost."""
    made = [one.volume for one in attached_volumes(record.spec) if not one.volume.volume_id]
    gone = [volume_words(one) for one in made if not one.keep]
    left = [volume_words(one) for one in made if one.keep]
    words = [f"with it {' and '.join(gone)}"] if gone else []
    return ", ".join(
        [*words, *([f"without {' and '.join(left)}, which would be left behind"] if left else ())]
    )


def volume_words(volume: Volume) -> str:
    """One of the head's volumes, as a person knows it."""
    size = [f"{volume.gib} GB"] if volume.gib else []
    if volume.name == SHARE:
        return f"the volume of /share ({', '.join([*size, 'with all homes'])})"
    return f"the volume {volume.name} ({', '.join([*size, volume.mount])})"


def _loss(change: PlannedChange, record: ClusterRecord) -> Objection:
    fate = "replaced" if change.replaces else "destroyed"
    why = _why(change)
    what = f"{_subject(change)} would be {fate}{f': {why}' if why else ''}"
    if change.kind == _VOLUME:
        return Objection(what=what, option=DESTROY_DATA)
    if change.kind == _INSTANCE and change.node == HEAD:
        words = head_words(record)
        return Objection(what=f"{what}, and {words}" if words else what, option=DESTROY_DATA)
    return Objection(what=what, option=REPLACE)


def _subject(change: PlannedChange) -> str:
    if change.kind == _INSTANCE and change.node:
        return change.node if change.node != HEAD else f"the {HEAD}"
    return f"the {change.kind.removeprefix('aws_').replace('_', ' ')}"


def _why(change: PlannedChange) -> str:
    if change.cause in _CAUSES:
        return _CAUSES[change.cause]
    names = [_ATTRIBUTES.get(name, name.replace("_", " ")) for name in change.attributes]
    return f"its {' and its '.join(names)} changed" if names else ""


def _allowed(objection: Objection, permission: Permission) -> bool:
    return permission.destroy_data if objection.option == DESTROY_DATA else permission.replace
