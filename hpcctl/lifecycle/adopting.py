"""What a broken-off run made and could not write down: found by its id, given back to Terraform.

Ctrl-C, or the death of a process, in the middle of a RunInstances leaves an instance that costs money, holds its
address, and that Terraform knows nothing of.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from hpcctl.aws import Resource, ResourceKind, resources_of
from hpcctl.errors import CloudError
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.terraforming import adopt, settle
from hpcctl.spec.model import HEAD
from hpcctl.spec.volumes import attached_volumes
from hpcctl.state import ClusterRecord
from hpcctl.workspace import Workspace

LAG_SECONDS = 30.0
POLL_SECONDS = 2.0

_ADDRESSES = {
    ResourceKind.SECURITY_GROUP: "module.access.aws_security_group.this",
    ResourceKind.KEY_PAIR: "module.access.aws_key_pair.this",
    ResourceKind.PLACEMENT_GROUP: "module.nodes.aws_placement_group.this[0]",
}


INSTANCES = "module.nodes.aws_instance.this"
"""Where Terraform keeps the machines, by the names of their nodes."""

ATTACHMENTS = "module.nodes.aws_volume_attachment.this"
"""Where it keeps which volumes that exist are on the head, by the names of the volumes."""

HEAD_GROUP = "module.access.aws_security_group.head[0]"
_BY_NODE = {
    ResourceKind.INSTANCE: INSTANCES,
    ResourceKind.LAUNCH_TEMPLATE: "module.nodes.aws_launch_template.efa",
}


def adopt_strays(workspace: Workspace, record: ClusterRecord, context: Context) -> None:
    """Before a destroy: the state knows all that carries the cluster's id."""
    settle(workspace.terraform, context=context)
    for stray in adopted(workspace, record, context):
        tell_adopted(stray, context)


def adopted(workspace: Workspace, record: ClusterRecord, context: Context) -> tuple[str, ...]:
    """The ids of what the cluster has and Terraform's state did not know until now."""
    strays = addresses_of(record, resources_of(record.cloud, record.cluster_id))
    taken = adopt(workspace.terraform, strays, size=record.spec.nodes, context=context)
    return tuple(strays[address] for address in taken)


def addresses_of(record: ClusterRecord, resources: Iterable[Resource]) -> dict[str, str]:
    """The ids of what belongs to the cluster, by the address where Terraform keeps such a resource."""
    nodes = frozenset(record.node_names)
    named = {_address(resource, nodes): resource.id for resource in resources}
    return {address: id_ for address, id_ in named.items() if address}


def attachments_of(record: ClusterRecord) -> dict[str, str]:
    """The ids of what the head has of volumes that exist, by the addresses where Terraform keeps that."""
    if not any(one.volume.volume_id for one in attached_volumes(record.spec)):
        return {}
    resources = resources_of(record.cloud, record.cluster_id)
    strays = strays_of(record, resources)
    return {address: id_ for address, id_ in strays.items() if address.startswith(ATTACHMENTS)}


def strays_of(record: ClusterRecord, resources: Iterable[Resource]) -> dict[str, str]:
    """The same, and which volumes that exist are on the head.

    Not for a run on some addresses alone: an attachment would bring all nodes with it.
    """
    present = tuple(resources)
    head = next((one for one in present if one.kind is ResourceKind.INSTANCE and one.node == HEAD), None)
    attached = [
        one
        for one in attached_volumes(record.spec)
        if one.volume.volume_id and head and one.volume.volume_id in head.volumes
    ]
    return {
        **addresses_of(record, present),
        **{
            f'{ATTACHMENTS}["{one.volume.name}"]': f"{one.path}:{one.volume.volume_id}:{head.id}"
            for one in attached
            if head
        },
    }


def instance_address(node: str) -> str:
    """Where Terraform keeps the instance of a node."""
    return f'{INSTANCES}["{node}"]'


def tell_adopted(stray: str, context: Context) -> None:
    """``stray`` is its id."""
    context.progress.note(f"found {stray}, which an earlier run had made but not written down")


def require_nothing_left(record: ClusterRecord) -> None:
    """After a destroy: CloudError names what still exists, and so what may still cost money.

    The cloud's answers lag behind what was done: something is left only if it does not go away.
    """
    left = resources_of(record.cloud, record.cluster_id)
    deadline = time.monotonic() + LAG_SECONDS
    while left and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        left = resources_of(record.cloud, record.cluster_id)
    if left:
        names = ", ".join(f"{resource.kind.value.removeprefix('aws_')} {resource.id}" for resource in left)
        raise CloudError(
            f"still there after the destroy: {names}",
            hint=f"repeat `hpcctl terminate {record.spec.name}`; what stays must be removed by hand",
        )


def _address(resource: Resource, nodes: frozenset[str]) -> str:
    """Where Terraform keeps such a resource; empty for one of a node that is none of the cluster's."""
    if resource.kind in _BY_NODE:
        return f'{_BY_NODE[resource.kind]}["{resource.node}"]' if resource.node in nodes else ""
    if resource.kind is ResourceKind.SECURITY_GROUP and resource.node:
        return HEAD_GROUP
    return _ADDRESSES[resource.kind]
