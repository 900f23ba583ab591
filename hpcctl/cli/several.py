"""Verbs that take several names: all are looked up first, and one that fails holds no other up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hpcctl.cli import console
from hpcctl.cli.session import Session, ssh_folder
from hpcctl.errors import ExitCode, HpcctlError, Interrupted
from hpcctl.workspace import Workspace


def known(session: Session, names: Sequence[str]) -> tuple[str, ...]:
    """The names, each once. UnknownCluster before anything is done."""
    chosen = tuple(dict.fromkeys(names))
    for name in chosen:
        Workspace(home=session.home, name=name).current()
    return chosen


def each_of(names: Sequence[str], do: Callable[[str], None]) -> int:
    """One after the other. All failures are told, and the last one is raised; Ctrl-C ends them all."""
    failures = []
    for name in names:
        try:
            do(name)
        except Interrupted:
            raise
        except HpcctlError as failure:
            failures.append(failure)
    for earlier in failures[:-1]:
        console.error(earlier)
    if failures:
        raise failures[-1]
    return ExitCode.DONE


def publish_logins(session: Session) -> None:
    """The ssh entries of all clusters, as their records are now."""
    from hpcctl.logins import publish

    for warning in publish(session.home, ssh_folder=ssh_folder()):
        console.warn(warning)
