"""What a cluster and its login user may be called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hpcctl.errors import Problem
from hpcctl.spec.schema.kinds import USER
from hpcctl.spec.schema.model import Unfit

NAME_LENGTH = 30

_NAME = re.compile(r"[a-z](?:[a-z0-9-]*[a-z0-9])?")
_HOST = re.compile(r"(?:^|-)(?:node\d+|head)$")  # would be mistaken for a host of another cluster
_NODE = re.compile(r"-[a-z]+\d{3,}$")  # the same, whatever the groups of that other cluster are called

# `ssh localhost` and `ssh head` must keep the meaning they have
_RESERVED = frozenset({"localhost", "head", "all", "node", "any", "none", "sandbox", "base"})


def problems_with_name(name: str) -> Iterator[Problem]:
    """Why no cluster can be called ``name``."""
    if not _NAME.fullmatch(name) or len(name) > NAME_LENGTH:
        yield Problem(
            where="NAME",
            what=f"{name!r} cannot be the name of a cluster",
            hint=f"lower-case letters, digits, hyphens: first a letter, last no hyphen, up to {NAME_LENGTH}",
        )
    elif name in _RESERVED or _HOST.search(name):
        yield Problem(where="NAME", what=f"{name!r} is reserved", hint="choose another name, such as demo")


def problems_with_new_name(name: str) -> Iterator[Problem]:
    """Why no new cluster can be called ``name``: clusters that are there keep names that were allowed once."""
    found = tuple(problems_with_name(name))
    yield from found
    if not found and _NODE.search(name):
        what = f"{name!r} could be a node of another cluster"
        hint = f"no letters and three digits behind a hyphen: such as {_NODE.sub('', name)}"
        yield Problem(where="NAME", what=what, hint=hint)


def problems_with_user(text: str) -> Iterator[Problem]:
    """Why the login user cannot have this name."""
    try:
        USER.read(text)
    except Unfit as unfit:
        yield Problem(where="user", what=str(unfit), hint=f"expected {USER.expected}")
