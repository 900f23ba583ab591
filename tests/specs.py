"""Specs of like nodes, as the words of a command line make them."""

from __future__ import annotations

from dataclasses import replace

from hpcctl.spec.model import ClusterSpec, like_nodes, share_of


def plain_spec(name: str = "demo", nodes: int = 2, *, share_gib: int = 4) -> ClusterSpec:
    """``nodes`` c5.xlarge, the head among them."""
    head, compute = like_nodes(nodes, "c5.xlarge")
    return ClusterSpec(name=name, head=head, compute=compute, share=share_of(share_gib))


def sized(spec: ClusterSpec, nodes: int) -> ClusterSpec:
    """The same with another number of nodes."""
    head, compute = like_nodes(nodes, spec.head.instance_type)
    return replace(spec, head=head, compute=compute)
