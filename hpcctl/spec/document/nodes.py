"""The parser's trees and tokens, which have no types of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

Node: TypeAlias = Any
"""A lark tree or token."""

_NO_MEANING = {
    "new_line_or_comment",
    "LPAR",
    "RPAR",
    "LSQB",
    "RSQB",
    "LBRACE",
    "RBRACE",
    "COMMA",
    "EQ",
    "COLON",
}


def kind_of(tree: Node) -> str:
    """The rule of a tree, the terminal of a token."""
    return str(getattr(tree, "data", None) or tree.type)


def meaningful(tree: Node) -> list[Node]:
    return [child for child in tree.children if kind_of(child) not in _NO_MEANING]


def word_of(tree: Node) -> str:
    """The text of a name, a keyword, a number."""
    return "".join(_tokens(tree))


def _tokens(tree: Node) -> Iterator[str]:
    if not hasattr(tree, "children"):
        yield str(tree).strip()
        return
    for child in tree.children:
        yield from _tokens(child)


def extent_of(tree: Node) -> tuple[int, int, int, int]:
    """Line and column of the beginning and the end."""
    place: Any = getattr(tree, "meta", tree)
    return place.line, place.column, place.end_line, place.end_column


def ends_its_line(tree: Node) -> bool:
    """The last token of a heredoc has the new line in it, and that of some calculations."""
    last = tree
    while getattr(last, "children", None):
        last = last.children[-1]
    return "\n" in str(last)
