"""A plot as lines of text."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hpcctl.cli.plot import plotted

BEGIN = datetime(2026, 11, 1, tzinfo=timezone.utc)
END = BEGIN + timedelta(days=4)


def day(number: float) -> datetime:
    return BEGIN + timedelta(days=number)


def test_steps_stand_where_they_were() -> None:
    lines = plotted(
        {"a": [(day(-1), 1.0), (day(2), 2.0)], "b": [(day(0), 2.0)]},
        since=BEGIN,
        until=END,
        width=28,
        height=5,
    )
    assert lines == [
        "2.0000 +bbbbbbbbbb**********",
        "       |          a",
        "1.5000 +          a",
        "       |          a",
        "1.0000 +aaaaaaaaaa",
        "       +--------------------",
        "             02 Nov",
    ]


def test_one_price_is_a_line() -> None:
    lines = plotted({"a": [(day(-9), 0.5)]}, since=BEGIN, until=END, width=40, height=5)
    assert [line.count("a") for line in lines if "a" in line] == [32]


def test_what_was_over_before_is_not_in_the_plot() -> None:
    lines = plotted({"a": [(day(-9), 99.0), (day(-8), 1.0)]}, since=BEGIN, until=END, width=40, height=5)
    assert "99" not in "\n".join(lines)


def test_no_line_is_wider_than_there_is_room() -> None:
    steps = [(day(number / 7), 0.1 + number % 5) for number in range(28)]
    for width in (40, 79, 80, 100):
        lines = plotted({"a": steps}, since=BEGIN, until=END, width=width, height=12)
        assert max(map(len, lines)) <= width


def test_nothing_is_no_plot() -> None:
    assert plotted({}, since=BEGIN, until=END, width=40, height=5) == []
