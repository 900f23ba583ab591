"""From JSON values to frozen records, by their own type hints; every value that does not fit is named by its place."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def decode(kind: type[T], data: object, where: str = "it") -> T:
    """An instance of ``kind``, a dataclass. Raises ValueError, which says where: ``spec.nodes: 'two' is not …``."""
    record: T = _decode(kind, data, where)
    return record


def _decode(kind: Any, data: object, where: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = next(option for option in get_args(kind) if option is not type(None))
        return None if data is None else _decode(inner, data, where)
    if origin is tuple:
        return _tuple(get_args(kind), data, where)
    if is_dataclass(kind):
        return _record(kind, data, where)
    if issubclass(kind, Enum):
        return _member(kind, data, where)
    return _plain(kind, data, where)


def _plain(kind: type, data: object, where: str) -> object:
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
        raise ValueError(f"{where}: {data!r} is not {_WORDS[kind]}")
    return data


def _member(kind: type[Enum], data: object, where: str) -> Enum:
    try:
        return kind(data)
    except ValueError:
        known = ", ".join(str(member.value) for member in kind)
        raise ValueError(f"{where}: {data!r} is none of {known}") from None


def _tuple(kinds: tuple[Any, ...], data: object, where: str) -> tuple[Any, ...]:
    if not isinstance(data, list | tuple):
        raise ValueError(f"{where}: {data!r} is not a list")
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(data)
    if len(kinds) != len(data):
        raise ValueError(f"{where}: {data!r} does not have {len(kinds)} entries")
    pairs = zip(kinds, data, strict=True)
    return tuple(_decode(kind, item, f"{where}[{index}]") for index, (kind, item) in enumerate(pairs))


def _record(kind: Any, data: object, where: str) -> Any:
    if not isinstance(data, Mapping):
        raise ValueError(f"{where}: {data!r} is not a set of names and values")
    hints = _hints(kind)
    unknown = sorted(set(map(str, data)) - set(hints))
    if unknown:
        raise ValueError(f"{where}: {', '.join(unknown)} is not known")
    values = {}
    for field in fields(kind):
        place = field.name if where == "it" else f"{where}.{field.name}"
        if field.name in data:
            values[field.name] = _decode(hints[field.name], data[field.name], place)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ValueError(f"{place} is missing")
    return kind(**values)


@lru_cache(maxsize=32)
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
