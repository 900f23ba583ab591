"""A file of HCL as it was written: bodies, attributes, blocks, expressions, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from hpcctl.spec.document.model import Span


@dataclass(frozen=True, kw_only=True)
class Source:
    """The text of a file, by lines."""

    path: str
    lines: tuple[str, ...]

    @staticmethod
    def of(path: str, text: str) -> Source:
        """Lines end where the parser thinks that they end."""
        return Source(path=path, lines=tuple(line.rstrip("\r") for line in text.split("\n")))

    def span(self, line: int, column: int, end_line: int, end_column: int) -> Span:
        """From one place to another; what goes on in the next line ends with the first one."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        end = end_column if end_line == line else len(text) + 1
        return Span(path=self.path, line=line, column=column, end_column=max(end, column), text=text)


@dataclass(frozen=True, kw_only=True)
class Literal:
    """A number, ``true``, ``false``, ``null``."""

    value: int | float | bool | None
    span: Span


@dataclass(frozen=True, kw_only=True)
class Template:
    """A text in quotes or a heredoc, in pieces."""

    parts: tuple[str | Expression, ...]
    span: Span


@dataclass(frozen=True, kw_only=True)
class Reference:
    """``var.name``."""

    name: str
    span: Span


@dataclass(frozen=True, kw_only=True)
class Items:
    """A list."""

    items: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One ``name = value`` of an object."""

    name: Expression
    value: Expression


@dataclass(frozen=True, kw_only=True)
class Entries:
    """An object."""

    entries: tuple[Entry, ...]
    span: Span


@dataclass(frozen=True, kw_only=True)
class Negative:
    """``-`` and a number."""

    operand: Expression
    span: Span


@dataclass(frozen=True, kw_only=True)
class Refused:
    """What HCL knows and we do not evaluate."""

    what: str
    hint: str
    span: Span


Expression: TypeAlias = Literal | Template | Reference | Items | Entries | Negative | Refused


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """``name = expression``."""

    name: str
    span: Span
    expression: Expression


@dataclass(frozen=True, kw_only=True)
class Label:
    """A word after a block's type."""

    text: Expression
    span: Span


@dataclass(frozen=True, kw_only=True)
class Block:
    """``type "label" { … }``; ``span`` is its first line up to the brace, ``type_span`` the first word."""

    type: str
    labels: tuple[Label, ...]
    body: Body
    span: Span
    type_span: Span


@dataclass(frozen=True, kw_only=True)
class Body:
    """Attributes and blocks, each in the order of the file."""

    attributes: tuple[Attribute, ...] = ()
    blocks: tuple[Block, ...] = ()
