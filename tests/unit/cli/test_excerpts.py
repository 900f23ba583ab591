"""The mark stands below what is meant, whatever the line is made of."""

from __future__ import annotations

import click
import pytest

from hpcctl.cli.excerpts import lines_of, text_of, width
from hpcctl.errors import Excerpt, Problem


def problem(text: str, piece: str, *, hint: str = "") -> Problem:
    column = text.index(piece) + 1
    excerpt = Excerpt(path="cluster.hcl", line=12, column=column, length=len(piece), text=text)
    return Problem(where=f"cluster.hcl:12:{column}", what="this is not known", hint=hint, excerpt=excerpt)


def test_a_problem_shows_its_line_and_a_mark() -> None:
    shown = text_of([problem('  regoin = "us-east-1"', "regoin", hint="did you mean region?")])
    assert shown == (
        "cluster.hcl:12:3: error: this is not known\n"
        '   12 |   regoin = "us-east-1"\n'
        "      |   ^~~~~~\n"
        " hint: did you mean region?\n"
    )


def test_several_are_apart_and_counted() -> None:
    shown = text_of([problem("a = x", "x"), Problem(where="--zone", what="not a zone"), problem("b", "b")])
    assert shown.count("\n\n") == 3
    assert "\nerror: --zone: not a zone\n" in shown
    assert shown.endswith("\n\n3 mistakes\n")


def test_words_of_the_command_line_are_told_line_by_line() -> None:
    shown = text_of(
        [Problem(where="NODES", what="no number"), Problem(where="TYPE", what="no type", hint="x")]
    )
    assert shown == "error: NODES: no number\nerror: TYPE: no type\n hint: x\n"


@pytest.mark.parametrize(
    "text",
    ['\tname = "x y"', 'a\t= "x y"', '計算 = "x y"', 'e\u0301 = "x y"', '\x1b[31m = "x y"', '" \t " = "x y"'],
)
def test_the_mark_is_below_tabs_wide_characters_and_what_is_not_printable(text: str) -> None:
    _, line, mark = text_of([problem(text, '"x y"')]).splitlines()
    assert "\x1b" not in line
    assert width(mark[: mark.index("^")]) == width(line[: line.index('"x y"')])
    assert mark.endswith("^~~~~")


def test_of_a_long_line_the_part_around_the_mark_is_shown() -> None:
    _, line, mark = text_of([problem("x" * 1000 + "HERE" + "x" * 1000, "HERE")]).splitlines()
    assert len(line) < 200
    assert line[mark.index("^") :].startswith("HERE")


def test_a_mark_behind_the_end_of_the_line_is_one_character() -> None:
    excerpt = Excerpt(path="f", line=1, column=4, length=5, text="a =")
    assert text_of([Problem(where="f:1:4", what="a value is missing", excerpt=excerpt)]).splitlines()[2] == (
        "      |    ^"
    )


def test_colours_are_added_and_nothing_else() -> None:
    problems = [problem("a = x", "x", hint="y"), Problem(where="--zone", what="not a zone")]
    assert click.unstyle("\n".join(lines_of(problems, click.style))) == text_of(problems).rstrip("\n")
