"""``hpcctl restart``"""

from __future__ import annotations

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session
from hpcctl.cli.several import publish_logins
from hpcctl.cli.words import ClusterName
from hpcctl.errors import ExitCode

EPILOG = """\b
Examples:
  hpcctl restart demo
  hpcctl restart demo node001 node002
  hpcctl restart --no-configure demo head
"""


@click.command("restart", epilog=EPILOG)
@click.argument("name", type=ClusterName())
@click.argument("nodes", nargs=-1, metavar="[NODE...]")
@click.option("--configure/--no-configure", default=True, help="Run all steps and the check afterwards.")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on the cluster.")
@click.pass_obj
def command(session: Session, name: str, nodes: tuple[str, ...], configure: bool, wait: bool) -> int:
    """Reboot all nodes, or the ones named, and configure them again.

    Jobs that run on them are put back into the queue. What was started and did not end is finished by the same
    command, or by `hpcctl start`.
    """
    from hpcctl.lifecycle.restarting import restart

    with console.progress() as progress, session.working("restart", name):
        try:
            _, chosen = restart(
                name, nodes, configure=configure, context=session.context(progress, wait=wait)
            )
        finally:
            publish_logins(session)
    listed = ", ".join(chosen[:10]) + (" …" if chosen[10:] else "")
    console.result(f"{name}: rebooted {listed}")
    return ExitCode.DONE
