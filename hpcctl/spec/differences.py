"""In what two specs differ, in the words of a cluster file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from hpcctl.spec.model import ClusterSpec

_WORDS = {
    "instance_type": "type",
    "root_gib": "root_size",
    "gib": "size",
    "volume_type": "type",
    "volume_id": "id",
    "file_system_id": "id",
    "shared": "share",
    "cidrs": "cidr",
    "scripts": "user_data",
    "public_key": "key",
    "authorized": "authorize",
    "zones": "zone",
    "lifetime_seconds": "lifetime",
}
_BLOCKS = {"share": "storage.share", "volumes": "storage.volume", "efs": "storage.efs", "rules": "firewall"}
_FLAT = {"bucket": "storage.permanent.bucket", "permanent": "storage.permanent.enabled"}
_TEXTS = frozenset({"public_key", "scripts", "authorized"})
"""Too long to be quoted."""


def differences(there: ClusterSpec, asked: ClusterSpec) -> tuple[str, ...]:
    """One sentence for each field that is not the same; none where the specs are equal."""
    return tuple(_of_records("", there, asked))


def _of_records(prefix: str, there: Any, asked: Any) -> Iterator[str]:
    for field in fields(there):
        before, after = getattr(there, field.name), getattr(asked, field.name)
        if before != after:
            yield from _of_values(prefix, field.name, before, after)


def _of_values(prefix: str, name: str, before: Any, after: Any) -> Iterator[str]:
    path = prefix + (_FLAT.get(name) or _BLOCKS.get(name) or _WORDS.get(name, name))
    if name == "rules":
        path = _BLOCKS[name]
    if name in _TEXTS:
        yield f"{path} is not the same"
    elif is_dataclass(before) and type(before) is type(after):
        yield from _of_records(f"{path}.", before, after)
    elif _named(before) or _named(after):
        yield from _of_lists(path, {one.name: one for one in before}, {one.name: one for one in after})
    else:
        yield f"{path} is {_shown(before)}, and {_shown(after)} is asked for"


def _of_lists(path: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for name, record in before.items():
        if name in after:
            yield from _of_records(f"{path}.{name}.", record, after[name])
        else:
            yield f"{path}.{name} is there, and not asked for"
    for name in after:
        if name not in before:
            yield f"{path}.{name} is asked for, and not there"
    if before and set(before) == set(after) and list(before) != list(after):
        yield f"the order of {path} is not the same"


def _named(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and is_dataclass(value[0]) and hasattr(value[0], "name")


def _shown(value: Any) -> str:
    if value is None or value == ():
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join("=".join(each) if isinstance(each, tuple) else str(each) for each in value)
    if is_dataclass(value):
        return "true" if not fields(value) else _record(value)
    return str(value)


def _record(value: Any) -> str:
    """An image or spot capacity in a word."""
    said = [getattr(value, field.name) for field in fields(value)]
    words = [str(one) for one in said if one is not None and not isinstance(one, Enum)]
    return " ".join(words) or type(value).__name__.lower()
