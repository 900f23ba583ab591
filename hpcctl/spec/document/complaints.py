"""The parser's own complaint in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hpcctl.errors import Problem
from hpcctl.spec.document.model import Span, problem_at
from hpcctl.spec.document.tree import Source

_VALUE = {"INT_LITERAL", "DBLQUOTE", "LSQB"}
_WORDS = (
    ({"EQ", "LBRACE"}, "expected = and a value, or { of a block"),
    ({"EQ", "COLON"}, "expected = and a value"),
    (_VALUE, "expected a value: text between quotes, a number, true, false, a list or an object"),
    ({"COMMA", "RSQB"}, "expected , or ]"),
    ({"COMMA", "RPAR"}, "expected , or )"),
    ({"COMMA", "RBRACE"}, "expected , or }"),
    ({"NAME", "RBRACE"}, "expected an attribute, a block or }"),
    ({"NAME"}, "expected the name of an attribute or of a block"),
    ({"LBRACE"}, "expected = and a value, or { of a block"),
    ({"RBRACE"}, "expected }"),
    ({"RPAR"}, "expected )"),
    ({"RSQB"}, "expected ]"),
    ({"EQ"}, "expected ="),
)
"""What may come next, by terminals that are all allowed; the first line that fits says it."""


def complaint(error: Any, source: Source) -> Problem:
    """lark's error as a problem: where it stands, what stands there, what could."""
    token = getattr(error, "token", None)
    line, column = _place(error, source)
    found = _found(source, line, column)
    span = _span(source, line, column, found)
    allowed = set(getattr(error, "expected", None) or getattr(error, "allowed", None) or ())
    ended = (token is not None and token.type == "$END") or line > len(source.lines)
    subject = "the line ends here"
    if ended:
        subject = "the file ends here"
    elif found:
        subject = f"{found if found.isprintable() else 'this character'} cannot stand here"
    return problem_at(span, subject, _expected(allowed))


def _place(error: Any, source: Source) -> tuple[int, int]:
    """The line and column of the error; of the end of the file, the end of its last line with something in it."""
    line, column = getattr(error, "line", -1), getattr(error, "column", -1)
    token = getattr(error, "token", None)
    known = isinstance(line, int) and isinstance(column, int) and line > 0 and column > 0
    if not known or line > len(source.lines) or (token is not None and token.type == "$END"):
        last = max((n for n, text in enumerate(source.lines, 1) if text.strip()), default=1)
        return last, len(source.lines[last - 1].rstrip()) + 1
    return line, column


def _found(source: Source, line: int, column: int) -> str:
    """The word, the text in quotes or the sign at a place."""
    rest = source.lines[line - 1][column - 1 :].lstrip()
    if rest.startswith('"') and '"' in rest[1:]:
        return rest[: rest.index('"', 1) + 1]
    word = ""
    for character in rest:
        if not (character.isalnum() or character in "_-."):
            break
        word += character
    return word or rest[:1]


def _span(source: Source, line: int, column: int, found: str) -> Span:
    text = source.lines[line - 1]
    start = text.find(found, column - 1) + 1 if found else column
    return source.span(line, max(start, 1), line, max(start, 1) + max(len(found), 1))


def _expected(allowed: Iterable[str]) -> str:
    here = set(allowed)
    return next(
        (words for terminals, words in _WORDS if terminals <= here),
        "is a quote, a comma or a bracket missing before it?",
    )
