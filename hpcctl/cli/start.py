"""``hpcctl start``"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session
from hpcctl.cli.several import each_of, known, publish_logins
from hpcctl.cli.words import ClusterName

if TYPE_CHECKING:
    from hpcctl.lifecycle.context import Context
    from hpcctl.lifecycle.guarding import Permission

EPILOG = """\b
Examples:
  hpcctl start demo
  hpcctl start demo wing
"""


@click.command("start", epilog=EPILOG)
@click.argument("names", nargs=-1, required=True, metavar="NAME...", type=ClusterName())
@click.option("--replace", is_flag=True, help="Let nodes be made anew, if that is needed.")
@click.option("--destroy-data", is_flag=True, help="Let the head be made anew, with an empty /share.")
@click.option("--timings", is_flag=True, help="Say at the end how long each phase took.")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on the cluster.")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Start a stopped cluster, configure it again and check it.

    Its public addresses change: the entries for ssh are written anew. Compute nodes that were removed by hand are
    made again. A start or stop that was interrupted is finished by the same command. Safe to repeat.
    """
    from hpcctl.lifecycle.guarding import Permission

    chosen = known(session, given["names"])
    permission = Permission(replace=given["replace"], destroy_data=given["destroy_data"])
    with console.progress() as progress:
        context = session.context(progress, wait=given["wait"])
        code = each_of(chosen, lambda name: _start(session, name, context, permission))
    if given["timings"]:
        console.result("")
        console.timings(progress.timings)
    return code


def _start(session: Session, name: str, context: Context, permission: Permission) -> None:
    from hpcctl.lifecycle.starting import start

    try:
        with session.working("start", name):
            started = start(name, context=context, permission=permission)
    finally:
        publish_logins(session)
    if started.already:
        console.result(f"{name} is running already")
        return
    console.result(f"{name} is ready")
    console.result(f"  log in     ssh {name}          (or: hpcctl ssh {name})")
