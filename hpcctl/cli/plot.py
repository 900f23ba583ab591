"""Prices over time as lines of text: one letter for each series, steps as they were, an axis on two sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SEVERAL = "*"
"""Where lines of several series meet."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What the plot spans, in time and in price, and how large it is in letters."""

    since: datetime
    until: datetime
    lowest: float
    highest: float
    columns: int
    rows: int

    def moment(self, column: int) -> datetime:
        """The middle of a column."""
        return self.since + (self.until - self.since) * (column + 0.5) / self.columns

    def row(self, value: float) -> int:
        """Where the value stands; the highest at the top, in row 0."""
        span = self.highest - self.lowest
        share = (value - self.lowest) / span if span else 0.5
        return round((1 - share) * (self.rows - 1))


Series = Sequence[tuple[datetime, float]]
"""Moments, in order, and the value from each of them on."""


def plotted(
    series: Mapping[str, Series], *, since: datetime, until: datetime, width: int, height: int
) -> list[str]:
    """The lines of a plot that is at most ``width`` wide. The names of the series are one letter each."""
    values = [value for steps in series.values() for value in _values(steps, since, until)]
    if not values:
        return []
    labels = [f"{value:.4f}" for value in (max(values), (max(values) + min(values)) / 2, min(values))]
    margin = max(map(len, labels)) + 2
    frame = Frame(
        since=since,
        until=until,
        lowest=min(values),
        highest=max(values),
        columns=width - margin,
        rows=height,
    )
    shown = dict(zip((0, height // 2, height - 1), labels, strict=True))
    body = [
        f"{shown.get(number, ''):>{margin - 2}} {'+' if number in shown else '|'}{''.join(row).rstrip()}"
        for number, row in enumerate(_drawn(series, frame))
    ]
    return [*body, f"{'':{margin - 1}}+{'-' * frame.columns}", f"{'':{margin}}{_days(frame)}"]


def _values(steps: Series, since: datetime, until: datetime) -> list[float]:
    """All that were in force between the two moments."""
    ends = [*(at for at, _ in steps[1:]), until]
    return [value for (at, value), end in zip(steps, ends, strict=True) if end > since and at < until]


def _drawn(series: Mapping[str, Series], frame: Frame) -> list[list[str]]:
    canvas = [[" "] * frame.columns for _ in range(frame.rows)]
    for letter, steps in series.items():
        before: int | None = None
        for column in range(frame.columns):
            value = _at(steps, frame.moment(column))
            if value is None:
                continue
            here = frame.row(value)
            for row in _climb(before, here):
                canvas[row][column] = letter if canvas[row][column] in (" ", letter) else SEVERAL
            before = here
    return canvas


def _at(steps: Series, moment: datetime) -> float | None:
    return next((value for at, value in reversed(steps) if at <= moment), None)


def _climb(before: int | None, here: int) -> range:
    """The rows that a line passes on its way to the next one, so that it has no gaps."""
    if before is None or before == here:
        return range(here, here + 1)
    return range(here, before) if here < before else range(before + 1, here + 1)


def _days(frame: Frame) -> str:
    """The axis of time: a date at every midnight for which there is room."""
    line = [" "] * frame.columns
    day = frame.since.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    free = 0
    while day < frame.until:
        column = int((day - frame.since) / (frame.until - frame.since) * frame.columns)
        text = f"{day:%d %b}"
        if column >= free and column + len(text) <= frame.columns:
            line[column : column + len(text)] = text
            free = column + len(text) + 2
        day += timedelta(days=1)
    return "".join(line).rstrip()
