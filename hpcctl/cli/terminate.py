"""``hpcctl terminate``"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.money import dollars, usd_hour
from hpcctl.cli.session import Session
from hpcctl.cli.several import (
    Ended,
    failed_json,
    is_one,
    publish_logins,
    raise_all,
    resolved,
    side_by_side,
    tell_failures,
)
from hpcctl.cli.words import ClusterWord, nodes_of, share_size
from hpcctl.errors import ExitCode, StateError
from hpcctl.workspace import Workspace

if TYPE_CHECKING:
    from hpcctl.lifecycle.context import Context

EPILOG = """\b
Examples:
  hpcctl terminate demo
  hpcctl terminate --yes demo wing
  hpcctl terminate lab            all clusters of the class lab
  hpcctl terminate 'lab-*' wing
"""


@click.command("terminate", epilog=EPILOG)
@click.argument("names", nargs=-1, required=True, metavar="NAME...", type=ClusterWord())
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--missing-ok", is_flag=True, help="A cluster that is not there is as good as terminated.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on the cluster.")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Take clusters away: the machines and /share, with everything on it. /permanent is kept.

    Nothing that costs money is left but the bucket behind /permanent. Safe to repeat.
    """
    selected = _known(session, given["names"], missing_ok=given["missing_ok"])
    if not selected:
        return ExitCode.DONE
    _tell_what_goes(session, selected)
    if not console.confirm("Go on?", yes=given["yes"]):
        console.say("nothing was removed")
        return ExitCode.FAILED
    try:
        ended = side_by_side(session, "terminate", selected, _terminate, wait=given["wait"])
    finally:
        publish_logins(session)
    return _tell_json(given["names"], ended) if given["as_json"] else _tell(ended)


def _terminate(name: str, context: Context) -> None:
    from hpcctl.lifecycle.terminating import terminate

    terminate(name, context=context)


def _tell_json(words: Sequence[str], ended: Sequence[Ended[None]]) -> int:
    found = [{"name": one.name, "terminated": not one.failure, **failed_json(one.failure)} for one in ended]
    console.result_json(found[0] if is_one(words, [one.name for one in ended]) else found)
    return tell_failures(ended)


def _tell(ended: Sequence[Ended[None]]) -> int:
    for one in ended:
        if not one.failure:
            console.result(f"{one.name} is terminated")
    code = tell_failures(ended)
    failed = sum(one.failure is not None for one in ended)
    if failed:
        console.say(f"{failed} of {len(ended)} clusters are still there; the same command goes on")
    return code


def _tell_what_goes(session: Session, names: Sequence[str]) -> None:
    if len(names) == 1:
        goes = (
            "the machines"
            if _keeps_share(session, names[0])
            else "the machines and /share, with all homes and files on it"
        )
        console.say(f"This removes the cluster {names[0]}: {goes}.")
    else:
        goes = "the machines and /share of each, with all homes and files on it:"
        console.say(f"This removes {len(names)} clusters: {goes}")
        rows = [_row(session, name) for name in names]
        console.table(
            ("  CLUSTER", "NODES", "/SHARE", "AN HOUR", "PROFILE", "REGION", "CREATED"),
            rows,
            write=console.say,
        )
    console.say("What is in /permanent is kept.")


def _keeps_share(session: Session, name: str) -> bool:
    try:
        return Workspace(home=session.home, name=name).load().spec.share.keep
    except StateError:
        return False


def _row(session: Session, name: str) -> tuple[str, ...]:
    try:
        record = Workspace(home=session.home, name=name).load()
    except StateError:
        return (f"  {name}", *"??????")
    kept = " (kept)" if record.spec.share.keep else ""
    return (
        f"  {name}",
        nodes_of(record),
        f"{share_size(record.spec)}{kept}",
        dollars(usd_hour(record), 3),
        record.cloud.profile,
        record.cloud.region,
        record.created[:16].replace("T", " "),
    )


def _known(session: Session, words: Sequence[str], *, missing_ok: bool) -> tuple[str, ...]:
    """Those that exist. UnknownCluster before anything is removed, unless that is all right."""
    from hpcctl.lifecycle.terminating import forget_remains

    names, unknown = resolved(session, words)
    finished = [
        error.word
        for error in unknown
        if error.word and forget_remains(Workspace(home=session.home, name=error.word))
    ]
    _tell_finished(session, finished)
    missing = [error for error in unknown if error.word not in finished]
    if missing and not missing_ok:
        raise_all(missing)
    return names


def _tell_finished(session: Session, names: Sequence[str]) -> None:
    """Clusters whose create was killed before it made anything, or whose terminate was at its very end."""
    if names:
        publish_logins(session)
    for name in names:
        console.result(f"{name} is terminated")
