"""``hpcctl move``"""

from __future__ import annotations

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session
from hpcctl.cli.words import ClusterName
from hpcctl.errors import ExitCode
from hpcctl.spec.model import LOCAL, S3

EPILOG = """\b
Examples:
  hpcctl move demo --to s3
  hpcctl move demo --to local
"""


@click.command("move", epilog=EPILOG)
@click.argument("name", type=ClusterName())
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Choice([S3, LOCAL]),
    help="s3: the team's bucket, made if it is not there; local: this machine alone.",
)
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on the cluster.")
@click.pass_obj
def command(session: Session, name: str, target: str, wait: bool) -> int:
    """Move what is written down of a cluster, Terraform's state included, into a bucket or out of it.

    The machines notice nothing. If it is interrupted, the same command finishes it, and the other direction takes
    it back.
    """
    from hpcctl.lifecycle.moving import move

    with console.progress() as progress, session.working("move", name):
        moved = move(name, to=target, context=session.context(progress, wait=wait))
    where = "in the team's bucket" if target == S3 else "on this machine"
    console.result(f"{name} is written down {where}{'' if moved else ' already'}")
    return ExitCode.DONE
