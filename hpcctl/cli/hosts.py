"""``hpcctl hosts``"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session
from hpcctl.cli.several import chosen
from hpcctl.cli.words import ClusterWord
from hpcctl.errors import ExitCode, UsageError
from hpcctl.overview import overview, remembered

if TYPE_CHECKING:
    from hpcctl.overview import ClusterStatus
    from hpcctl.roster import HostLine

SEATS = "seats"
FORMATS = ("ansible", "etc-hosts", "names", SEATS)

EPILOG = """\b
Examples:
  hpcctl hosts
  hpcctl hosts lab --json | jq -r '.[] | select(.role == "head") | .public_ip'
  hpcctl hosts --format ansible lab >inventory.ini
  hpcctl hosts --format names 'lab-*'          for pssh -h, pdsh -w ^, clush --hostfile
  hpcctl hosts --format seats lab              what each student puts into ~/.ssh/config
"""


@click.command("hosts", epilog=EPILOG)
@click.argument("names", nargs=-1, metavar="[NAME...]", type=ClusterWord())
@click.option(
    "--format", "kind", type=click.Choice(FORMATS), help="For another tool, or for people who log in."
)
@click.option("--offline", is_flag=True, help="From what is remembered here; no cloud is asked.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def command(session: Session, names: tuple[str, ...], kind: str | None, offline: bool, as_json: bool) -> int:
    """Every host of all clusters, or of those named: for ssh, in which group, its state and addresses.

    Each cloud is asked once. The exit code is 1 if one does not answer; what is remembered is shown then.
    """
    from hpcctl.roster import roster

    if kind and as_json:
        raise UsageError("--format and --json exclude each other", hint="hpcctl hosts --help")
    selected = chosen(session, names) if names else None
    found = remembered(session.home, selected) if offline else overview(session.home, selected)
    if as_json:
        console.result_json([_json(line) for line in roster(found)])
    elif kind:
        _print_as(session, kind, found)
    else:
        _print(roster(found))
    for status in found:
        if status.problem:
            console.warn(f"{status.name}: {status.problem}")
    return ExitCode.DONE if all(status.is_known for status in found) else ExitCode.FAILED


def _print_as(session: Session, kind: str, found: tuple[ClusterStatus, ...]) -> None:
    from hpcctl.logins import config_path
    from hpcctl.roster import as_text, roster, seats, seats_text

    if kind != SEATS:
        text = as_text(roster(found), kind, ssh_config=str(config_path(session.home)))
        console.result(text.rstrip("\n"))
        return
    people = seats(found, [status.entry.workspace for status in found])
    if people:
        console.result(seats_text(people).rstrip("\n"))
    else:
        console.say("nobody was let in by name; hpcctl authorize NAME FILE does so")


def _print(lines: tuple[HostLine, ...]) -> None:
    if not lines:
        console.say("no hosts; hpcctl list shows the clusters")
        return
    rows = [
        (
            line.host,
            line.cluster,
            line.group,
            line.state or "?",
            line.instance_type or "-",
            line.private_ip or "-",
            line.public_ip or "-",
            line.instance_id,
        )
        for line in lines
    ]
    headers = ("HOST", "CLUSTER", "GROUP", "STATE", "TYPE", "PRIVATE", "PUBLIC", "INSTANCE")
    console.table(headers, rows)


def _json(line: HostLine) -> dict[str, Any]:
    found = asdict(line)
    return {
        **{name: value for name, value in found.items() if name != "class_name"},
        "class": line.class_name or None,
        "role": line.role.value,
    }
