"""From groups to names: one entry per host, once and early."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hpcctl.spec.model import HEAD, ClusterSpec, Facts, Node, NodeGroup, Role

_NODE = re.compile(r"[a-z]{1,12}[0-9]{3,}")


def expand(spec: ClusterSpec) -> tuple[Node, ...]:
    """All nodes, the head first: head, node001, node002 …, gpu001 …"""
    head = Node(name=HEAD, role=Role.HEAD, group=HEAD)
    compute = (
        Node(name=f"{group.name}{number:03d}", role=Role.COMPUTE, group=group.name)
        for group in spec.compute
        for number in range(1, group.count + 1)
    )
    return (head, *compute)


def group_of(node: str) -> str:
    """The group of the node of this name."""
    return node.rstrip("0123456789")


def machines_of(spec: ClusterSpec) -> str:
    """``4 × c5.xlarge``, or ``1 × m5.large + 8 × c5.18xlarge``."""
    counts = {kind: 0 for kind in spec.instance_types}
    for group in spec.groups:
        counts[group.instance_type] += group.count
    return " + ".join(f"{count} × {kind}" for kind, count in counts.items())


def is_node_name(text: str) -> bool:
    """Could ``expand`` have made this name?"""
    return text == HEAD or bool(_NODE.fullmatch(text))


def in_order(preferred: Sequence[str], zones: Sequence[str]) -> tuple[str, ...]:
    """Of the ``zones`` those that the user prefers, in that order; all of them where none is named."""
    return tuple(zone for zone in preferred if zone in zones) if preferred else tuple(zones)


def vcpus_of(spec: ClusterSpec, facts: Facts) -> int:
    """Of all nodes together."""
    return sum(group.count * facts.type(group.instance_type).vcpus for group in spec.groups)


def placed(spec: ClusterSpec, facts: Facts) -> frozenset[str]:
    """The groups whose nodes stand in the cluster placement group; none where one node would stand there alone."""
    groups = [group for group in spec.groups if _can_be_placed(group, facts)]
    return (
        frozenset(group.name for group in groups) if sum(group.count for group in groups) > 1 else frozenset()
    )


def _can_be_placed(group: NodeGroup, facts: Facts) -> bool:
    return facts.type(group.instance_type).cluster_placement if group.placement is None else group.placement
