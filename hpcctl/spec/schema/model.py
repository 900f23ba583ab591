"""Fields and blocks of a file as data, and a section that was understood by them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from hpcctl.spec.document.model import Located, Place, Section

Scalar: TypeAlias = str | int | float | bool
Value: TypeAlias = Scalar | tuple[Scalar, ...] | tuple[tuple[str, str], ...]


class Unfit(Exception):
    """A value is not of its kind; the words say what it is instead."""


class Shape(str, Enum):
    """How many values a field takes."""

    ONE = "one"
    LIST = "list"
    ONE_OR_LIST = "one or a list"
    MAP = "map"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a value must be.

    ``name`` is the reference's word for it and ``expected`` the sentence's: "expected …". ``base`` is how it is written
    in HCL. ``read`` takes a value of that base and gives what the program works with; it raises Unfit. ``digits``: text
    that may be written as a number.
    """

    name: str
    expected: str
    base: type[Scalar] = str
    read: Callable[[Any], Scalar]
    choices: tuple[str, ...] = ()
    digits: bool = False


@dataclass(frozen=True, kw_only=True)
class Field:
    """One attribute. ``example`` is HCL. ``default`` holds where nothing is said, or ``otherwise`` says what does.

    ``keys`` is the kind of a map's names; ``experimental`` are values that nobody has tried from end to end;
    ``known_as`` is what others call it.
    """

    name: str
    kind: Kind
    help: str
    example: str
    default: Scalar | None = None
    otherwise: str = ""
    required: bool = False
    shape: Shape = Shape.ONE
    keys: Kind | None = None
    experimental: tuple[Scalar, ...] = ()
    known_as: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Block:
    """A kind of block; with a ``label`` there may be many of it, without one there is one.

    ``example`` is a label. ``reserved``: the word is kept for later and refused until then.
    """

    name: str
    help: str
    label: Kind | None = None
    label_optional: bool = False
    example: str = ""
    fields: tuple[Field, ...] = ()
    blocks: tuple[Block, ...] = ()
    required: bool = False
    reserved: bool = False
    experimental: bool = False

    def field(self, name: str) -> Field | None:
        """The field of that name."""
        return next((field for field in self.fields if field.name == name), None)

    def block(self, name: str) -> Block | None:
        """The block of that name inside this one."""
        return next((block for block in self.blocks if block.name == name), None)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What one attribute says; ``value`` is None where that makes no sense (a problem says why)."""

    name: str
    value: Value | None
    at: Located


@dataclass(frozen=True, kw_only=True)
class Body:
    """A section, understood. Where nothing is said the getters give the default, where it makes no sense None."""

    block: Block
    section: Section
    entries: tuple[Entry, ...] = ()
    bodies: tuple[Body, ...] = ()

    @property
    def label(self) -> str:
        """What stands behind the block's name."""
        return self.section.label

    def entry(self, name: str) -> Entry | None:
        """What is said of a field, if anything is."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def given(self, name: str) -> bool:
        """Is anything said of this field?"""
        return self.entry(name) is not None

    def value(self, name: str) -> Value | None:
        """What is said, or the default."""
        entry, field = self.entry(name), self.block.field(name)
        assert field, name
        return entry.value if entry else field.default

    def text(self, name: str) -> str | None:
        """A text."""
        value = self.value(name)
        return value if isinstance(value, str) else None

    def whole(self, name: str) -> int | None:
        """A whole number."""
        value = self.value(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def number(self, name: str) -> float | None:
        """A number."""
        value = self.value(name)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def yes(self, name: str) -> bool | None:
        """True or false, or neither."""
        value = self.value(name)
        return value if isinstance(value, bool) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self.value(name)
        return tuple(each for each in value if isinstance(each, str)) if isinstance(value, tuple) else ()

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """Names and texts."""
        value = self.value(name)
        return tuple(each for each in value if isinstance(each, tuple)) if isinstance(value, tuple) else ()

    def place(self, name: str) -> Place:
        """Where the value stands, or where it would."""
        entry = self.entry(name)
        return entry.at.span if entry else self.section.span

    def each(self, name: str) -> tuple[tuple[str, Place], ...]:
        """The texts of a list, each with its own place; none of a list in which something is wrong."""
        entry = self.entry(name)
        if not entry:
            return ()
        inner = entry.at.value if isinstance(entry.at.value, tuple) else (entry.at,)
        places = [one.span for one in inner if isinstance(one, Located)]
        return tuple(zip(self.texts(name), places, strict=False))

    def all(self, kind: str) -> tuple[Body, ...]:
        """The blocks of one kind."""
        return tuple(body for body in self.bodies if body.block.name == kind)

    def one(self, kind: str) -> Body:
        """The block of one kind; an empty one at the place of this where it is not there."""
        block = self.block.block(kind)
        assert block, kind
        empty = Section(kind=kind, label="", values=(), sections=(), span=self.section.span)
        return next(iter(self.all(kind)), Body(block=block, section=empty))
