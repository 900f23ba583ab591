"""From a count to names: one entry per host, once and early."""

from __future__ import annotations

from hpcctl.spec.model import Node, Role

HEAD = "head"


def expand(count: int) -> tuple[Node, ...]:
    """``count`` nodes, the head first: head, node001, node002 …"""
    compute = (Node(name=f"node{number:03d}", role=Role.COMPUTE) for number in range(1, count))
    return (Node(name=HEAD, role=Role.HEAD), *compute)
