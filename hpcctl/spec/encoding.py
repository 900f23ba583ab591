"""A spec as text that fits into the tags of a resource, and back again.

Left out is what the account tells otherwise (tags of the user, his key), and what is too long: scripts, and the keys of
others, which the machines have.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import MISSING, fields, is_dataclass, replace
from enum import Enum
from typing import Any

from hpcctl.decode import decode
from hpcctl.spec.model import ClusterSpec, NodeGroup

PLAIN, PACKED = "spec:", "packed:"
"""How the text begins. Packed only where it is too long otherwise: not every zlib makes the same of the same text."""

MOST_PLAIN = 1024
_MOST_BYTES = 1 << 16  # of what is unpacked: anybody with the account can write a tag


def encoded(spec: ClusterSpec) -> str:
    """Only of characters that every AWS service takes in a tag."""
    plain = replace(
        spec,
        tags=(),
        public_key=None,
        authorized=(),
        head=_without_scripts(spec.head),
        compute=tuple(_without_scripts(group) for group in spec.compute),
    )
    text = json.dumps(_compact(plain), separators=(",", ":"), ensure_ascii=False).encode()
    if len(text) <= MOST_PLAIN:
        return PLAIN + base64.b64encode(text).decode()
    return PACKED + base64.b64encode(zlib.compress(text, 9)).decode()


def decoded(text: str) -> ClusterSpec | None:
    """None where it is not such a text, or not of a spec that this hpcctl knows."""
    mark = next((mark for mark in (PLAIN, PACKED) if text.startswith(mark)), None)
    if mark is None:
        return None
    try:
        found = base64.b64decode(text.removeprefix(mark), validate=True)
        if mark == PACKED:
            found = zlib.decompressobj().decompress(found, _MOST_BYTES)
        return decode(ClusterSpec, json.loads(found), "spec")
    except (ValueError, zlib.error, RecursionError):
        return None


def _without_scripts(group: NodeGroup) -> NodeGroup:
    return replace(group, scripts=())


def _compact(value: Any) -> Any:
    """JSON values, without what is at its default."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _compact(getattr(value, field.name))
            for field in fields(value)
            if field.default is MISSING or getattr(value, field.name) != field.default
        }
    if isinstance(value, tuple):
        return [_compact(one) for one in value]
    return value.value if isinstance(value, Enum) else value
