"""What users add to the first boot of their nodes, packed for user data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from hpcctl.packing import compressed

FOLDER = "/etc/hpcctl/scripts"


@dataclass(frozen=True, kw_only=True)
class PackedScript:
    """A script's place on the node, and its text: gzip and base64, in lines."""

    path: str
    packed: str


def packed_scripts(scripts: Iterable[tuple[str, str]]) -> tuple[PackedScript, ...]:
    """Scripts, by name and text, in the order in which they are to run."""
    return tuple(
        PackedScript(path=f"{FOLDER}/{number:02d}-{PurePath(name).name}", packed=compressed(text.encode()))
        for number, (name, text) in enumerate(scripts, 1)
    )
