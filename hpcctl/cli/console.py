"""What a person sees: results on stdout, everything else on stderr, colour and movement on a terminal only."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import columns
from hpcctl.cli.excerpts import lines_of
from hpcctl.errors import ConfigError, HostsFailed, HpcctlError, Interrupted, SpecError, UsageError
from hpcctl.interrupts import INTERRUPTS

if TYPE_CHECKING:
    from hpcctl.cli.board import Board
    from hpcctl.cli.progress import Recorder
    from hpcctl.state import Timing


def result(text: str) -> None:
    """A line of the result."""
    click.echo(text)


def result_json(value: Any) -> None:
    """The result for programs."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def say(text: str) -> None:
    """A line for the person who waits."""
    click.echo(text, err=True)


def warn(text: str) -> None:
    """A line that asks for attention."""
    click.echo(f"{_styled('warning:', fg='yellow', bold=True)} {text}", err=True)


def table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, write: Callable[[str], None] = result
) -> None:
    """Columns, one line a row; on a terminal that is too narrow, words are folded inside their column.

    A result, unless it is to be written elsewhere.
    """
    stream = sys.stdout if write is result else sys.stderr
    for number, line in enumerate(columns.lines((headers, *rows), width=_width(stream))):
        write(_styled(line, stream=stream, bold=True) if number == 0 else line)


def _width(stream: Any) -> int | None:
    """Of the terminal; None for a file or a pipe, whose lines are for other programs."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def details(values: Mapping[str, str], *, write: Callable[[str], None] = result) -> None:
    """Names and values, one a line; empty ones are left out."""
    stream = sys.stdout if write is result else sys.stderr
    given = [(name, value) for name, value in values.items() if value]
    for line in columns.lines(given, width=_width(stream)):
        write(line)


def timings(recorded: Sequence[Timing]) -> None:
    """How long every phase took."""
    rows = [(f"{'  ' * timing.depth}{timing.name}", f"{timing.seconds:8.1f} s") for timing in recorded]
    total = sum(timing.seconds for timing in recorded if timing.depth == 0)
    table(("PHASE", "      TIME"), [*rows, ("all", f"{total:8.1f} s")])


def confirm(question: str, *, yes: bool) -> bool:
    """Ask, unless ``yes``. UsageError where there is nobody to ask, Interrupted at Ctrl-C."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("this needs a yes, and there is no terminal to ask on", hint="add --yes")
    try:
        return click.confirm(question, err=True)
    except click.Abort:
        raise Interrupted("stopped at the question; nothing was done") from None


def progress() -> Recorder:
    """How a long run is shown: alive on a terminal, line by line elsewhere."""
    made = _progress()
    INTERRUPTS.say = made.stopping
    return made


def board(names: Sequence[str]) -> Board:
    """How a long run on several clusters is shown: a line each, alive on a terminal."""
    made = _board(names)
    INTERRUPTS.say = made.stopping
    return made


def _board(names: Sequence[str]) -> Board:
    if wants_colour(sys.stderr):
        from hpcctl.cli.live_board import LiveBoard

        return LiveBoard(names)
    from hpcctl.cli.board import PlainBoard

    return PlainBoard(names, say)


def _progress() -> Recorder:
    if wants_colour(sys.stderr):
        from hpcctl.cli.live import LiveProgress

        return LiveProgress()
    from hpcctl.cli.progress import PlainProgress

    return PlainProgress(say)


def wants_colour(stream: Any) -> bool:
    """Is this a terminal that can do more than text, and may we?"""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def heading(text: str) -> None:
    """What the next lines are about."""
    click.echo(_styled(f"{text}:", bold=True), err=True)


def error(failure: HpcctlError) -> None:
    """What went wrong, where, and what to do."""
    if isinstance(failure, SpecError | ConfigError) and failure.problems:
        for line in lines_of(failure.problems, _styled):
            click.echo(line, err=True)
    elif isinstance(failure, HostsFailed):
        _hosts_failed(failure)
    else:
        _error(failure.message, failure.hint)


def _hosts_failed(failure: HostsFailed) -> None:
    for each in failure.failures:
        _error(f"{each.host}: {each.step} failed", each.hint)
        for line in each.output.splitlines()[-10:]:
            click.echo(f"    {line}", err=True)
    _error(failure.message, failure.hint)


def _error(message: str, hint: str) -> None:
    click.echo(f"{_styled('error:', fg='red', bold=True)} {message}", err=True)
    if hint:
        click.echo(f"{_styled(' hint:', fg='cyan')} {hint}", err=True)


def _styled(text: str, *, stream: Any = None, **style: Any) -> str:
    return click.style(text, **style) if wants_colour(stream or sys.stderr) else text
