"""What a file of HCL says, and where: values and sections with the place of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from hpcctl.errors import Excerpt, Problem


@dataclass(frozen=True, kw_only=True)
class Span:
    """A piece of one line of a file; ``column`` counts from 1, ``end_column`` is the one behind the last character.

    ``text`` is the whole line. A value that goes over several lines has the span of its first one.
    """

    path: str
    line: int
    column: int
    end_column: int
    text: str


Place: TypeAlias = Span | str
"""Where something was said: in a file, or by an option or word of the command line, such as ``--zone``."""


@dataclass(frozen=True, kw_only=True)
class Located:
    """One value. A list is a tuple of values, an object a tuple of (name, value); an empty tuple is either.

    ``None`` is ``null``: as if nothing had been said, here or in a layer below. ``key`` is where the name stands that
    the value was given to (it has none in a list). A ``loose`` value is text from the command line or the environment,
    which may stand for a number or for true and false.
    """

    value: str | int | float | bool | tuple[Located, ...] | tuple[tuple[str, Located], ...] | None
    span: Place
    key: Place | None = None
    loose: bool = False


@dataclass(frozen=True, kw_only=True)
class Section:
    """A block, in the order of its file: ``compute "node" { … }`` has the kind compute and the label node.

    ``span`` is its first line's words, ``label_span`` that of the label alone; without a label it is "".
    No name stands twice in ``values``, no kind with the same label twice in ``sections``.
    """

    kind: str
    label: str
    values: tuple[tuple[str, Located], ...]
    sections: tuple[Section, ...]
    span: Place
    label_span: Place | None = None

    def value(self, name: str) -> Located | None:
        """The value of an attribute; ``None`` if it is not given."""
        return next((value for key, value in self.values if key == name), None)

    def of(self, kind: str) -> Iterator[Section]:
        """The sections of one kind."""
        return (section for section in self.sections if section.kind == kind)


def problem_at(place: Place, what: str, hint: str = "") -> Problem:
    """A problem at a place: with the line itself where that is in a file."""
    if isinstance(place, str):
        return Problem(where=place, what=what, hint=hint)
    excerpt = Excerpt(
        path=place.path,
        line=place.line,
        column=place.column,
        length=max(place.end_column - place.column, 1),
        text=place.text,
    )
    return Problem(where=f"{place.path}:{place.line}:{place.column}", what=what, hint=hint, excerpt=excerpt)
