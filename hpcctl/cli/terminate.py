"""``hpcctl terminate``"""

from __future__ import annotations

from collections.abc import Sequence

import click

from hpcctl.cli import console
from hpcctl.cli.progress import Recorder
from hpcctl.cli.session import Session, ssh_folder
from hpcctl.cli.words import ClusterName
from hpcctl.errors import ExitCode, HpcctlError, Interrupted, UnknownCluster
from hpcctl.workspace import Workspace

EPILOG = """\b
Examples:
  hpcctl terminate demo
  hpcctl terminate --yes demo wing
"""


@click.command("terminate", epilog=EPILOG)
@click.argument("names", nargs=-1, required=True, metavar="NAME...", type=ClusterName())
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--missing-ok", is_flag=True, help="A cluster that is not there is as good as terminated.")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on the cluster.")
@click.pass_obj
def command(session: Session, names: tuple[str, ...], yes: bool, missing_ok: bool, wait: bool) -> int:
    """Take clusters away: the machines and /share, with everything on it. /permanent is kept.

    Nothing that costs money is left but the bucket behind /permanent. Safe to repeat.
    """
    chosen = _known(session, dict.fromkeys(names), missing_ok=missing_ok)
    if not chosen:
        return ExitCode.DONE
    console.say(f"This removes {_listed(chosen)}: the machines and /share, with all homes and files on it.")
    console.say("What is in /permanent is kept.")
    if not console.confirm("Go on?", yes=yes):
        console.say("nothing was removed")
        return ExitCode.FAILED
    try:
        with console.progress() as progress:
            failures = _terminate_all(session, chosen, progress, wait=wait)
    finally:
        _publish(session)
    if failures:
        for failure in failures[:-1]:
            console.error(failure)
        raise failures[-1]
    return ExitCode.DONE


def _terminate_all(
    session: Session, names: Sequence[str], progress: Recorder, *, wait: bool
) -> list[HpcctlError]:
    """One after the other; one that fails holds no other up, and Ctrl-C ends them all."""
    from hpcctl.lifecycle.terminating import terminate

    failures = []
    for name in names:
        try:
            with session.working("terminate", name):
                terminate(name, context=session.context(progress, wait=wait))
        except Interrupted:
            raise
        except HpcctlError as failure:
            failures.append(failure)
        else:
            console.result(f"{name} is terminated")
    return failures


def _known(session: Session, names: Sequence[str] | dict[str, None], *, missing_ok: bool) -> list[str]:
    """Those that exist. UnknownCluster before anything is removed, unless that is all right."""
    from hpcctl.lifecycle.terminating import forget_remains

    chosen, finished, unknown = [], [], None
    for name in names:
        workspace = Workspace(home=session.home, name=name)
        try:
            workspace.current()
        except UnknownCluster as error:
            if forget_remains(workspace):
                finished.append(name)
            elif not missing_ok:
                unknown = unknown or error
        else:
            chosen.append(name)
    _tell_finished(session, finished)
    if unknown:
        raise unknown
    return chosen


def _tell_finished(session: Session, names: Sequence[str]) -> None:
    """Clusters whose create was killed before it made anything, or whose terminate was at its very end."""
    if names:
        _publish(session)
    for name in names:
        console.result(f"{name} is terminated")


def _listed(names: Sequence[str]) -> str:
    return f"the cluster {names[0]}" if len(names) == 1 else f"the clusters {', '.join(names)}"


def _publish(session: Session) -> None:
    from hpcctl.logins import publish

    for warning in publish(session.home, ssh_folder=ssh_folder()):
        console.warn(warning)
