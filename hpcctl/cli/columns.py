"""Tables as lines of text: for pipes as wide as they must be, on a terminal folded to fit."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

GAP = "  "
LEAST = 16
"""A column of words is not made narrower than this: a table that is too wide even so stays as it is."""


def lines(rows: Sequence[Sequence[str]], *, width: int | None) -> Iterator[str]:
    """The rows, each as one line; cells of several words are folded where ``width`` is too small for them."""
    widths = _widths(rows, width) if rows else []
    for row in rows:
        folded = [_folded(cell, size) for cell, size in zip(row, widths, strict=True)]
        for number in range(max(map(len, folded))):
            cells = [parts[number] if number < len(parts) else "" for parts in folded]
            yield GAP.join(cell.ljust(size) for cell, size in zip(cells, widths, strict=True)).rstrip()


def _widths(rows: Sequence[Sequence[str]], width: int | None) -> list[int]:
    natural = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    if width is None:
        return natural
    least = [
        max(min(size, LEAST), *(len(word) for row in rows for word in (row[column].split() or [""])))
        for column, size in enumerate(natural)
    ]
    widths = list(natural)
    while _total(widths) > width:
        foldable = [column for column in range(len(widths)) if widths[column] > least[column]]
        if not foldable:
            return natural
        widest = max(foldable, key=lambda column: widths[column])
        widths[widest] -= 1
    return widths


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _folded(cell: str, width: int) -> list[str]:
    if len(cell) <= width:
        return [cell]
    return textwrap.wrap(cell, width, break_long_words=False, break_on_hyphens=False) or [""]
