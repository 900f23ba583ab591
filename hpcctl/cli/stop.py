"""``hpcctl stop``"""

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
    from hpcctl.lifecycle.costing import Costs
    from hpcctl.lifecycle.stopping import Stopped

EPILOG = """\b
Examples:
  hpcctl stop demo
  hpcctl stop demo wing
  hpcctl stop lab            all clusters of the class lab
  hpcctl stop 'lab-0*'
"""


@click.command("stop", epilog=EPILOG)
@click.argument("names", nargs=-1, required=True, metavar="NAME...", type=ClusterWord())
@click.option(
    "--force", is_flag=True, help="At once: jobs and file systems are left to the nodes' own shutdown."
)
@click.option("--timings", is_flag=True, help="Say at the end how long each phase took.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on the cluster.")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Stop all nodes; `hpcctl start` brings the cluster back as it was.

    Running jobs are put back into the queue and start anew later. /share, homes, accounts and queued jobs are
    kept, and so are the disks, which still cost money: how much is told at the end. Safe to repeat.
    """
    from hpcctl.lifecycle.stopping import stop

    def do(name: str, context: Context) -> Stopped:
        return stop(name, context=context, force=given["force"])

    selected = chosen(session, given["names"])
    try:
        ended = side_by_side(session, "stop", selected, do, wait=given["wait"])
    finally:
        publish_logins(session)
    if given["as_json"]:
        return json_report(given["names"], ended, _json)
    if len(ended) == 1 and ended[0].value:
        _tell(ended[0].name, ended[0].value)
        code = ExitCode.DONE
    else:
        code = report(ended, ("RESULT", "COSTS A MONTH"), _row)
    if given["timings"]:
        tell_timings(ended)
    return code


def _tell(name: str, stopped: Stopped) -> None:
    console.result(f"{name} is stopped{' already' if stopped.already else ''}")
    print_costs(stopped.costs)
    console.result(f"  start      hpcctl start {name}")


def _row(name: str, stopped: Stopped) -> tuple[str, ...]:
    """What still costs money is told by its sum."""
    return (
        "stopped already" if stopped.already else "stopped",
        "unknown" if stopped.costs.problem else dollars(stopped.costs.usd),
    )


def _json(stopped: Stopped) -> dict[str, Any]:
    costs = stopped.costs
    return {
        "state": "stopped",
        "already": stopped.already,
        "usd_a_month": None if costs.problem else costs.usd,
        "costs": [{"what": one.what, "amount": one.amount, "usd_a_month": one.usd} for one in costs.items],
        "prices_of": costs.day or None,
    }


def print_costs(costs: Costs) -> None:
    """What costs money all the same, per month."""
    if costs.problem:
        console.warn(f"what still costs money is not known: {costs.problem}")
        return
    if not costs.items:
        console.result("Nothing of it costs money while it is stopped.")
        return
    console.result("What still costs money while it is stopped:")
    rows = [(f"  {one.what}", one.amount, dollars(one.usd)) for one in costs.items]
    if len(rows) > 1:
        rows.append(("  all", "", dollars(costs.usd)))
    console.table(("  WHAT", "AMOUNT", "A MONTH"), rows)
    if costs.day:
        console.result(f"  (AWS's list prices, asked on {costs.day}, without taxes and discounts)")


def dollars(usd: float | None) -> str:
    """An amount, or that it is not known."""
    return "unknown" if usd is None else f"${usd:.2f}"
