"""``hpcctl list``"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.money import dollars, money_json, usd_hour
from hpcctl.cli.session import Session
from hpcctl.cli.several import chosen
from hpcctl.cli.words import ClusterWord, duration
from hpcctl.metering import cost_of
from hpcctl.overview import overview, refresh_shared

if TYPE_CHECKING:
    from hpcctl.overview import ClusterStatus

EPILOG = """\b
Examples:
  hpcctl list
  hpcctl list lab 'wing-*'
  hpcctl list --json | jq -r '.[] | select(.state == "running") | .name'
"""


@click.command("list", epilog=EPILOG)
@click.argument("names", nargs=-1, metavar="[NAME...]", type=ClusterWord())
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def command(session: Session, names: tuple[str, ...], as_json: bool) -> int:
    """All clusters and their states, or those named: by name, class or pattern.

    The states are asked of the clouds at this moment; a cloud that does not answer hides no other.
    """
    problems = refresh_shared(session.home)
    found = overview(session.home, chosen(session, names) if names else None)
    if as_json:
        console.result_json([status_json(status) for status in found])
    elif found:
        console.table(
            ("NAME", "STATE", "NODES", "TYPE", "AGE", "$/HOUR", "COST", "PROFILE", "REGION"),
            [_row(one) for one in found],
        )
    else:
        console.say("no clusters; hpcctl create --help tells how to make one")
    if not as_json:
        for problem in problems:
            console.warn(problem)
        for status in found:
            if status.problem:
                console.warn(f"{status.name}: {status.problem}")
    return 0


def status_json(status: ClusterStatus) -> dict[str, Any]:
    """One cluster for programs; what is not known is null."""
    record = status.record
    age = status.age_seconds()
    return {
        "name": status.name,
        "class": record.spec.class_name or None if record else None,
        "state": status.state,
        "nodes": len(record.node_names) if record else None,
        "given_up": list(record.given_up) if record else [],
        "running": sum(one.state == "running" for one in status.instances) if status.is_known else None,
        "instance_types": list(record.spec.instance_types) if record else None,
        "share_gb": record.spec.share.gib if record else None,
        "created": record.created if record else None,
        "age_seconds": round(age) if age is not None else None,
        "expires": record.expires if record else None,
        "profile": record.cloud.profile if record else None,
        "region": record.cloud.region if record else None,
        **money_json(record),
        "problem": status.problem or None,
    }


def ends(status: ClusterStatus, *, brief: bool = False) -> str:
    """When its machines switch themselves off; nothing where they do not, or are off already."""
    record = status.record
    if record is None or not record.expires or not any(one.state == "running" for one in status.instances):
        return ""
    left = (datetime.fromisoformat(record.expires) - datetime.now(timezone.utc)).total_seconds()
    when = f"in {duration(left)}" if left > 0 else "now"
    return when if brief else f"{record.expires} ({when}); later: hpcctl extend {record.spec.name} 2h"


def _row(status: ClusterStatus) -> tuple[str, ...]:
    record = status.record
    if record is None:
        return (status.name, status.state, "?", "?", "?", "?", "?", "?", "?")
    return (
        status.name,
        f"{status.state}, off {ends(status, brief=True)}" if ends(status) else status.state,
        str(len(record.node_names)),
        " + ".join(record.spec.instance_types),
        duration(status.age_seconds()),
        dollars(usd_hour(record)),
        dollars(cost_of(record)),
        record.cloud.profile,
        record.cloud.region,
    )
