"""Problems as a compiler shows them: the place, the line itself, and a mark below what is meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from hpcctl.errors import Excerpt, Problem

TAB = 4
WIDEST = 160
"""Characters of a line that are shown; of a longer one it is the part around the mark."""

Style = Callable[..., str]
"""What click.style does, or nothing."""


def lines_of(problems: Sequence[Problem], style: Style) -> Iterator[str]:
    """All problems, one empty line between those that show a line of a file, their number at the end."""
    apart = any(problem.excerpt for problem in problems)
    for number, problem in enumerate(problems):
        if number and apart:
            yield ""
        yield from _problem(problem, style)
    if apart and len(problems) > 1:
        yield from ("", f"{len(problems)} mistakes")


def _problem(problem: Problem, style: Style) -> Iterator[str]:
    error = style("error:", fg="red", bold=True)
    if problem.excerpt:
        yield f"{style(f'{problem.where}:', bold=True)} {error} {problem.what}"
        yield from _excerpt(problem.excerpt, style)
    else:
        yield f"{error} {problem.where}: {problem.what}"
    if problem.hint:
        yield f"{style(' hint:', fg='cyan')} {problem.hint}"


def _excerpt(excerpt: Excerpt, style: Style) -> Iterator[str]:
    start, end = _part(excerpt)
    before = shown(excerpt.text[start : excerpt.column - 1])
    marked = shown(excerpt.text[excerpt.column - 1 : end][: excerpt.length], column=width(before))
    mark = style("^" + "~" * max(width(marked) - 1, 0), fg="red", bold=True)
    number = f"{excerpt.line:>5} |"
    empty = " " * (len(number) - 1) + "|"
    yield f"{style(number, fg='blue')} {shown(excerpt.text[start:end])}"
    yield f"{style(empty, fg='blue')} {' ' * width(before)}{mark}"


def _part(excerpt: Excerpt) -> tuple[int, int]:
    """Which characters of the line are shown: all, or those around the mark."""
    if len(excerpt.text) <= WIDEST:
        return 0, len(excerpt.text)
    start = max(0, min(excerpt.column - 1 - WIDEST // 4, len(excerpt.text) - WIDEST))
    return start, start + WIDEST


def shown(text: str, *, column: int = 0) -> str:
    """Tabs as spaces, and a question mark for what would move the cursor or hide."""
    pieces: list[str] = []
    for character in text:
        here = column + sum(map(width, pieces))
        if character == "\t":
            pieces.append(" " * (TAB - here % TAB))
        else:
            pieces.append(character if _harmless(character) else "\N{REPLACEMENT CHARACTER}")
    return "".join(pieces)


def _harmless(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) in {"Zs", "Mn"}


def width(text: str) -> int:
    """Columns on a terminal: two for wide characters, none for marks over the one before."""
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def plain(text: str, **_: object) -> str:
    """A style that adds nothing."""
    return text


def text_of(problems: Iterable[Problem]) -> str:
    """All problems without colours."""
    return "".join(f"{line}\n" for line in lines_of(tuple(problems), plain))
