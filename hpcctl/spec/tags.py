"""What is written on everything of a cluster, so that the account alone tells what the cluster is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hpcctl.spec.model import ClusterSpec

CLUSTER_TAG = "hpcctl:cluster"
ID_TAG = "hpcctl:id"
OWNER_TAG = "hpcctl:owner"
CREATED_TAG = "hpcctl:created"
SPEC_TAG = "hpcctl:spec"
OURS = "hpcctl:"

_CHOICES = {"zone": "zones", "image": "image", "ssh-from": "ssh_from"}
_WORD = re.compile(r"(?P<name>[a-z-]+)=(?P<value>\S*)")


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What of a spec shows on no resource: how many nodes, for whom, and which choices were the user's own."""

    nodes: int | None = None
    user: str = "hpc"
    asked: frozenset[str] = frozenset()
    """Of ``zones``, ``image``, ``ssh_from``."""


def cluster_tags(spec: ClusterSpec, *, cluster_id: str, created: str, owner: str) -> dict[str, str]:
    """The tags of every resource of a cluster; those of the user come first, and never win."""
    return {
        **dict(spec.tags),
        CLUSTER_TAG: spec.name,
        ID_TAG: cluster_id,
        OWNER_TAG: owner,
        CREATED_TAG: created,
        SPEC_TAG: _wishes_text(spec),
    }


def read_wishes(text: str) -> Wishes:
    """From the value of ``hpcctl:spec``; words that are not known, or make no sense, are left out."""
    words = {found["name"]: found["value"] for found in _WORD.finditer(text)}
    nodes = words.get("nodes", "")
    return Wishes(
        nodes=int(nodes) if nodes.isascii() and nodes.isdigit() else None,
        user=words.get("user") or Wishes.user,
        asked=frozenset(_CHOICES[word] for word in words.get("asked", "").split("+") if word in _CHOICES),
    )


def _wishes_text(spec: ClusterSpec) -> str:
    """Only of characters that every AWS service takes in a tag: ``nodes=4 user=hpc asked=zone+image``."""
    asked = [word for word, field in _CHOICES.items() if getattr(spec, field)]
    words = [f"nodes={spec.nodes}", f"user={spec.user}", *([f"asked={'+'.join(asked)}"] if asked else ())]
    return " ".join(words)
