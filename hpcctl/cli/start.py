"""``hpcctl start``"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session
from hpcctl.cli.several import chosen, json_report, publish_logins, report, side_by_side, tell_timings
from hpcctl.cli.words import ClusterWord
from hpcctl.errors import ExitCode

if TYPE_CHECKING:
    from hpcctl.lifecycle.context import Context
    from hpcctl.lifecycle.starting import Started

EPILOG = """\b
Examples:
  hpcctl start demo
  hpcctl start demo wing
  hpcctl start lab           all clusters of the class lab
"""


@click.command("start", epilog=EPILOG)
@click.argument("names", nargs=-1, required=True, metavar="NAME...", type=ClusterWord())
@click.option("--replace", is_flag=True, help="Let nodes be made anew, if that is needed.")
@click.option("--destroy-data", is_flag=True, help="Let the head be made anew, with an empty /share.")
@click.option("--timings", is_flag=True, help="Say at the end how long each phase took.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on the cluster.")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Start a stopped cluster, configure it again and check it.

    Its public addresses change: the entries for ssh are written anew. Compute nodes that were removed by hand are
    made again. A start or stop that was interrupted is finished by the same command. Safe to repeat.
    """
    from hpcctl.lifecycle.guarding import Permission
    from hpcctl.lifecycle.starting import start

    permission = Permission(replace=given["replace"], destroy_data=given["destroy_data"])

    def do(name: str, context: Context) -> Started:
        return start(name, context=context, permission=permission)

    selected = chosen(session, given["names"])
    try:
        ended = side_by_side(session, "start", selected, do, wait=given["wait"])
    finally:
        publish_logins(session)
    if given["as_json"]:
        return json_report(given["names"], ended, _json)
    if len(ended) == 1 and ended[0].value:
        _tell(ended[0].name, ended[0].value)
        code = ExitCode.DONE
    else:
        code = report(ended, ("RESULT", "ADDRESS"), _row)
    if given["timings"]:
        tell_timings(ended)
    return code


def _tell(name: str, started: Started) -> None:
    if started.already:
        console.result(f"{name} is running already")
        return
    console.result(f"{name} is ready")
    console.result(f"  log in     ssh {name}          (or: hpcctl ssh {name})")


def _json(started: Started) -> dict[str, Any]:
    inventory = started.record.inventory
    return {
        "state": started.record.phase.value,
        "already": started.already,
        "address": inventory.head.public_ip if inventory else None,
        "ssh_port": started.record.cloud.ssh_port,
    }


def _row(name: str, started: Started) -> tuple[str, ...]:
    return ("running already" if started.already else "ready", started.record.head_address or "-")
