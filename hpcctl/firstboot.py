"""What users add to the first boot of their nodes, packed for user data."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

FOLDER = "/etc/hpcctl/scripts"


@dataclass(frozen=True, kw_only=True)
class PackedScript:
    """A script's place on the node, and its text: gzip and base64, in lines."""

    path: str
    packed: str


def pack(text: str) -> str:
    """A text small enough for user data, and safe in a here-document; the same bytes every time (no date)."""
    packed = gzip.compress(text.encode(), compresslevel=9, mtime=0)
    return base64.encodebytes(packed).decode().strip()


def packed_scripts(scripts: Iterable[tuple[str, str]]) -> tuple[PackedScript, ...]:
    """Scripts, by name and text, in the order in which they are to run."""
    return tuple(
        PackedScript(path=f"{FOLDER}/{number:02d}-{PurePath(name).name}", packed=pack(text))
        for number, (name, text) in enumerate(scripts, 1)
    )
