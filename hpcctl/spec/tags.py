"""What is written on everything of a cluster, so that the account alone tells what the cluster is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile

from hpcctl.spec.encoding import decoded, encoded
from hpcctl.spec.model import ClusterSpec

CLUSTER_TAG = "hpcctl:cluster"
ID_TAG = "hpcctl:id"
OWNER_TAG = "hpcctl:owner"
CREATED_TAG = "hpcctl:created"
SPEC_TAG = "hpcctl:spec"
CLASS_TAG = "hpcctl:class"
OURS = "hpcctl:"

MOST_OWN = 30
"""How many tags a user may give: AWS takes 50, and the spec can need up to eight of ours."""

CHUNK = 256  # characters in the value of a tag
MOST_CHUNKS = 8

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
        **_spec_tags(spec),
        **({CLASS_TAG: spec.class_name} if spec.class_name else {}),
    }


def read_spec(tags: Mapping[str, str]) -> ClusterSpec | None:
    """The spec that the tags of a resource hold; None where they hold none, or only the words of an earlier hpcctl.

    Without what ``spec.encoding`` leaves out.
    """
    numbered = (tags.get(_spec_tag(number)) for number in range(1, MOST_CHUNKS + 1))
    return decoded("".join(takewhile(bool, numbered)))  # type: ignore[arg-type]


def read_wishes(text: str) -> Wishes:
    """From the value of ``hpcctl:spec``; words that are not known, or make no sense, are left out."""
    words = {found["name"]: found["value"] for found in _WORD.finditer(text)}
    nodes = words.get("nodes", "")
    return Wishes(
        nodes=int(nodes) if nodes.isascii() and nodes.isdigit() else None,
        user=words.get("user") or Wishes.user,
        asked=frozenset(_CHOICES[word] for word in words.get("asked", "").split("+") if word in _CHOICES),
    )


def _spec_tags(spec: ClusterSpec) -> dict[str, str]:
    """The whole of it in as many tags as it takes; the words of ``read_wishes`` where those would be too many."""
    text = encoded(spec)
    chunks = [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]
    if len(chunks) > MOST_CHUNKS:
        return {SPEC_TAG: _wishes_text(spec)}
    return {_spec_tag(number): chunk for number, chunk in enumerate(chunks, start=1)}


def _spec_tag(number: int) -> str:
    return SPEC_TAG if number == 1 else f"{SPEC_TAG}-{number}"


def _wishes_text(spec: ClusterSpec) -> str:
    """Only of characters that every AWS service takes in a tag: ``nodes=4 user=hpc asked=zone+image``."""
    asked = [word for word, field in _CHOICES.items() if getattr(spec, field)]
    words = [f"nodes={spec.nodes}", f"user={spec.user}", *([f"asked={'+'.join(asked)}"] if asked else ())]
    return " ".join(words)
