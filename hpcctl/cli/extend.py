"""``hpcctl extend``"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session
from hpcctl.cli.several import chosen, json_report, report, side_by_side
from hpcctl.cli.words import ClusterWord
from hpcctl.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from hpcctl.lifecycle.context import Context
    from hpcctl.state import ClusterRecord

EPILOG = """\b
Examples:
  hpcctl extend demo 4h
  hpcctl extend demo wing 1d12h
  hpcctl extend 'lab-*' 90m
"""


@click.command("extend", epilog=EPILOG)
@click.argument("names", nargs=-1, required=True, metavar="NAME...", type=ClusterWord())
@click.argument("duration", metavar="DURATION")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on the cluster.")
@click.pass_obj
def command(session: Session, names: tuple[str, ...], duration: str, as_json: bool, wait: bool) -> int:
    """Have clusters that have a lifetime end later, by so much: 90m, 4h, 2d, 1d12h.

    A cluster with a lifetime switches itself off when its time is over; its disks stay, and `hpcctl start` brings it
    back.
    """
    from hpcctl.lifecycle.lifetimes import extend

    longer = _seconds(duration)

    def do(name: str, context: Context) -> ClusterRecord:
        return extend(name, longer, context=context)

    ended = side_by_side(session, "extend", chosen(session, names), do, wait=wait)
    if as_json:
        return json_report(names, ended, _json)
    if len(ended) == 1 and ended[0].value:
        console.result(f"{ended[0].name} switches itself off at {ended[0].value.expires}")
        return ExitCode.DONE
    return report(ended, ("SWITCHES ITSELF OFF",), lambda _, record: (str(record.expires),))


def _seconds(duration: str) -> int:
    from hpcctl.spec.durations import EXPECTED, seconds

    try:
        return seconds(duration)
    except ValueError as error:
        raise UsageError(f"DURATION: {duration!r} is no length of time", hint=f"it is {EXPECTED}") from error


def _json(record: ClusterRecord) -> dict[str, Any]:
    return {"expires": record.expires}
