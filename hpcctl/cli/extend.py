"""``hpcctl extend``"""

from __future__ import annotations

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session
from hpcctl.cli.words import ClusterName
from hpcctl.errors import ExitCode, UsageError

EPILOG = """\b
Examples:
  hpcctl extend demo 4h
  hpcctl extend demo 1d12h
"""


@click.command("extend", epilog=EPILOG)
@click.argument("name", type=ClusterName())
@click.argument("duration", metavar="DURATION")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on the cluster.")
@click.pass_obj
def command(session: Session, name: str, duration: str, wait: bool) -> int:
    """Have a cluster that has a lifetime end later, by so much: 90m, 4h, 2d, 1d12h.

    A cluster with a lifetime switches itself off when its time is over; its disks stay, and `hpcctl start` brings it
    back.
    """
    from hpcctl.lifecycle.lifetimes import extend
    from hpcctl.spec.durations import EXPECTED, seconds

    try:
        longer = seconds(duration)
    except ValueError as error:
        raise UsageError(f"DURATION: {duration!r} is no length of time", hint=f"it is {EXPECTED}") from error
    with console.progress() as progress, session.working("extend", name):
        record = extend(name, longer, context=session.context(progress, wait=wait))
    console.result(f"{name} switches itself off at {record.expires}")
    return ExitCode.DONE
