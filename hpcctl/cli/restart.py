"""``hpcctl restart``"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session
from hpcctl.cli.several import chosen, json_report, publish_logins, report, side_by_side
from hpcctl.cli.words import ClusterWord
from hpcctl.errors import ExitCode

if TYPE_CHECKING:
    from hpcctl.lifecycle.context import Context

EPILOG = """\b
Examples:
  hpcctl restart demo
  hpcctl restart demo node001 node002
  hpcctl restart --no-configure demo head
  hpcctl restart 'lab-*'
"""


@click.command("restart", epilog=EPILOG)
@click.argument("name", type=ClusterWord())
@click.argument("nodes", nargs=-1, metavar="[NODE...]")
@click.option("--configure/--no-configure", default=True, help="Run all steps and the check afterwards.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on the cluster.")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Reboot all nodes, or the ones named, and configure them again.

    Jobs that run on them are put back into the queue. What was started and did not end is finished by the same
    command, or by `hpcctl start`.
    """
    from hpcctl.lifecycle.restarting import restart

    def do(name: str, context: Context) -> tuple[str, ...]:
        return tuple(restart(name, given["nodes"], configure=given["configure"], context=context)[1])

    selected = chosen(session, [given["name"]])
    try:
        ended = side_by_side(session, "restart", selected, do, wait=given["wait"])
    finally:
        publish_logins(session)
    if given["as_json"]:
        return json_report([given["name"]], ended, lambda rebooted: {"rebooted": list(rebooted)})
    if len(ended) > 1:
        return report(ended, ("REBOOTED",), lambda _, rebooted: (_listed(rebooted),))
    console.result(f"{ended[0].name}: rebooted {_listed(ended[0].value or ())}")
    return ExitCode.DONE


def _listed(nodes: tuple[str, ...]) -> str:
    return ", ".join(nodes[:10]) + (" …" if nodes[10:] else "")
