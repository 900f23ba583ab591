"""A cluster file as data: what ``translating`` decides and ``writing`` writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = str | int | float | bool | tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A line of explanation, or several."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """``name = value``; ``comment`` stands above it."""

    name: str
    value: Value
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class Block:
    """``kind "label" { … }``"""

    kind: str
    label: str = ""
    items: tuple[Item, ...] = ()
    comment: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same block as another one."""
        return self.kind, self.label


Item: TypeAlias = Comment | Attribute | Block


def difference(parent: Block, child: Block) -> tuple[Item, ...] | None:
    """What ``child`` says that ``parent`` does not; None where it lacks something that the parent has.

    So a child that extends the parent is the same cluster as one that says everything itself.
    """
    theirs = {_key(item): item for item in parent.items if not isinstance(item, Comment)}
    if theirs.keys() - {_key(item) for item in child.items if not isinstance(item, Comment)}:
        return None
    told = {item.text for item in parent.items if isinstance(item, Comment)}
    found: list[Item] = []
    for item in child.items:
        if isinstance(item, Comment):
            found.extend(() if item.text in told else (item,))
            continue
        other = theirs.get(_key(item))
        if isinstance(item, Block) and isinstance(other, Block):
            inner = difference(other, item)
            if inner is None:
                return None
            if inner:
                found.append(Block(kind=item.kind, label=item.label, items=inner, comment=item.comment))
        elif item != other:
            found.append(item)
    return tuple(found)


def _key(item: Attribute | Block) -> tuple[str, str]:
    return item.key if isinstance(item, Block) else (item.name, "=")
