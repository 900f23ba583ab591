"""``hpcctl start``"""

from __future__ import annotations

import click

from hpcctl.cli import console
from hpcctl.cli.progress import Recorder
from hpcctl.cli.session import Session
from hpcctl.cli.several import each_of, known, publish_logins
from hpcctl.cli.words import ClusterName

EPILOG = """\b
Examples:
  hpcctl start demo
  hpcctl start demo wing
"""


@click.command("start", epilog=EPILOG)
@click.argument("names", nargs=-1, required=True, metavar="NAME...", type=ClusterName())
@click.option("--timings", is_flag=True, help="Say at the end how long each phase took.")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on the cluster.")
@click.pass_obj
def command(session: Session, names: tuple[str, ...], timings: bool, wait: bool) -> int:
    """Start a stopped cluster, configure it again and check it.

    Its public addresses change: the entries for ssh are written anew. A start or stop that was interrupted is
    finished by the same command. Safe to repeat.
    """
    chosen = known(session, names)
    with console.progress() as progress:
        code = each_of(chosen, lambda name: _start(session, name, progress, wait=wait))
    if timings:
        console.result("")
        console.timings(progress.timings)
    return code


def _start(session: Session, name: str, progress: Recorder, *, wait: bool) -> None:
    from hpcctl.lifecycle.starting import start

    try:
        with session.working("start", name):
            started = start(name, context=session.context(progress, wait=wait))
    finally:
        publish_logins(session)
    if started.already:
        console.result(f"{name} is running already")
        return
    console.result(f"{name} is ready")
    console.result(f"  log in     ssh {name}          (or: hpcctl ssh {name})")
