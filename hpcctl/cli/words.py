"""Sizes of time as people say them, and names for the shell to complete."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli.session import Session
from hpcctl.errors import UnknownCluster
from hpcctl.spec.nodes import machines_of

if TYPE_CHECKING:
    from hpcctl.spec.model import ClusterSpec
    from hpcctl.state import ClusterRecord

COMMAND_FOLLOWS = "hpcctl.command"
"""In ``ctx.meta`` where ``--`` was typed: what follows is for a machine, not for us."""

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WORD = re.compile(r"[A-Za-z0-9_*?!\[\]-]{1,64}")
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


class Amount(click.FloatRange):
    """A number within a range. ``nan`` is within none, and a limit that is ``inf`` would be no limit."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        found = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{value!r} is not an amount", param, ctx)
        return found


def duration(seconds: float | None) -> str:
    """3 d, 5 h, 12 min, 40 s."""
    if seconds is None:
        return "?"
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(int(seconds), 0)} s"


def nodes_of(record: ClusterRecord) -> str:
    """How many nodes of which types: ``4 × c5.xlarge``; those that the cluster goes on without are named."""
    spec = record.spec
    if not record.given_up:
        return machines_of(spec)
    names = ", ".join(record.given_up)
    count = f"{len(record.node_names)} of {spec.nodes} nodes"
    return f"{count} ({names} given up: never answered), {' + '.join(spec.instance_types)}"


def share_size(spec: ClusterSpec) -> str:
    """Of /share; a volume that was there before is named by its id."""
    return f"{spec.share.gib} GB" if spec.share.gib else spec.share.volume_id or spec.share.snapshot or "?"


class ClusterName(click.ParamType):  # type: ignore[type-arg]
    """The name of a cluster that is known here; the shell completes it."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not _PLAIN.fullmatch(value):  # never a path
            raise UnknownCluster(f"no cluster is called {value!r}", hint="hpcctl list shows all")
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        from hpcctl.cli.completing import clusters, offer

        return offer(clusters(Session().home), incomplete)


class ClusterWord(ClusterName):
    """A name, a class of like clusters, or a pattern such as ``lab-*``."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return value if _WORD.fullmatch(value) else super().convert(value, param, ctx)
