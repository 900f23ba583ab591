"""From a count to names: one entry per host, once and early."""

from __future__ import annotations

import re

from hpcctl.spec.model import ClusterSpec, Facts, Node, Role

HEAD = "head"


def expand(count: int) -> tuple[Node, ...]:
    """``count`` nodes, the head first: head, node001, node002 …"""
    compute = (Node(name=f"node{number:03d}", role=Role.COMPUTE) for number in range(1, count))
    return (Node(name=HEAD, role=Role.HEAD), *compute)


def is_node_name(text: str) -> bool:
    """Could ``expand`` have made this name?"""
    return text == HEAD or bool(re.fullmatch(r"node\d{3,}", text))


def in_placement_group(spec: ClusterSpec, facts: Facts) -> bool:
    """Do the nodes stand in a cluster placement group?"""
    return facts.instance.cluster_placement and spec.nodes > 1
