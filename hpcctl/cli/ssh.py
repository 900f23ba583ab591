"""``hpcctl ssh``"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli.session import Session, ssh_folder
from hpcctl.cli.words import COMMAND_FOLLOWS, ClusterName
from hpcctl.errors import StateError, UsageError

if TYPE_CHECKING:
    from hpcctl.state import ClusterRecord
    from hpcctl.workspace import Workspace

EPILOG = """\b
Examples:
  hpcctl ssh demo
  hpcctl ssh demo node001
  hpcctl ssh demo -- qstat -f
  hpcctl ssh demo node001 -- 'nproc; free -g'
"""

_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SSH_FAILED = 255
"""ssh's own exit code, or that of a command that chose it."""


class _Ssh(click.Command):
    """Everything after -- is the command, whether a node stands before it or not."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            cut = args.index("--")
            ctx.meta[COMMAND_FOLLOWS] = args[cut + 1 :]
            args = args[:cut]
        return super().parse_args(ctx, args)


@click.command("ssh", cls=_Ssh, epilog=EPILOG, options_metavar="", add_help_option=True)
@click.argument("name", type=ClusterName())
@click.argument("node", required=False)
@click.pass_context
def command(ctx: click.Context, name: str, node: str | None) -> int:
    """Log in to the head or to NODE, or run the command after -- there.

    It runs the system's ssh, and its exit code is the exit code. A machine whose key is missing or not accepted
    is let in by AWS (EC2 Instance Connect), if your credentials may do that; it then has a key of its own.
    """
    session: Session = ctx.obj
    workspace, record, host = _destination(session, name, node)
    program = shutil.which("ssh")
    if program is None:
        raise UsageError(
            "there is no ssh on PATH", hint="on Debian and Ubuntu: apt-get install openssh-client"
        )
    _let_in(session, workspace, record, needed=_has_no_key)
    words = [program, "-F", str(_config(session)), host, "--", *_remote(ctx.meta.get(COMMAND_FOLLOWS))]
    code = _run(words)
    if code == _SSH_FAILED and _let_in(session, workspace, record, needed=_is_refused):
        code = _run(words)
    return code


def _run(words: list[str]) -> int:
    """The system's ssh has the terminal: Ctrl-C is for it and what it runs, and so is an end that is asked of us."""
    sys.stdout.flush()
    child: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, _: object) -> None:
        if number == signal.SIGINT:  # the terminal sends that one to both
            return
        if child:
            child.send_signal(number)
        else:
            early.append(number)

    before = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
    try:
        child = subprocess.Popen(words)
        for number in early:
            child.send_signal(number)
        code = child.wait()
        return code if code >= 0 else 128 - code  # as a shell tells of a program that a signal ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _let_in(
    session: Session, workspace: Workspace, record: ClusterRecord, *, needed: Callable[..., bool]
) -> bool:
    """By permission of the account, where it is needed; was it?"""
    if not needed(workspace, record):
        return False
    from hpcctl.cli import console
    from hpcctl.lifecycle.access import take_over

    with (
        console.progress() as progress,
        session.working("ssh", record.spec.name),
        workspace.lock("ssh", say=progress.note),
    ):
        take_over(workspace, record, session.context(progress))
    return True


def _has_no_key(workspace: Workspace, record: ClusterRecord) -> bool:
    own = Path(record.key_file.removesuffix(".pub")) if record.key_file else None
    return not (workspace.identity.exists() or (own and own.exists())) or not workspace.known_hosts.exists()


def _is_refused(workspace: Workspace, record: ClusterRecord) -> bool:
    from hpcctl.lifecycle.access import has_access, is_refused

    return not has_access(workspace) or is_refused(workspace, record)


def _remote(words: Any) -> list[str]:
    return list(words or ())


def _destination(session: Session, name: str, node: str | None) -> tuple[Workspace, ClusterRecord, str]:
    from hpcctl.logins import publish
    from hpcctl.nearest import did_you_mean
    from hpcctl.sshconfig import host_alias
    from hpcctl.state import Phase
    from hpcctl.workspace import Workspace

    workspace = Workspace(home=session.home, name=name)
    known = workspace.record_path.read_bytes() if workspace.exists() else b""
    record = workspace.current()
    if workspace.record_path.read_bytes() != known:  # a colleague has changed it: addresses, perhaps
        publish(session.home, ssh_folder=ssh_folder())
    if record.inventory is None:
        raise StateError(f"{name} has no machines yet", hint="finish it with the same hpcctl create")
    if record.phase is Phase.STOPPED:
        raise StateError(f"{name} is stopped", hint=f"hpcctl start {name}")
    names = [host.name for host in record.inventory.hosts]
    chosen = (node or names[0]).removeprefix(f"{name}-")
    if chosen not in names:
        listing = (
            f"the nodes are: {', '.join(names[:10])}{' …' if len(names) > 10 else ''};"
            f" a command comes after --, as in: hpcctl ssh {name} -- hostname"
        )
        raise UsageError(f"{name} has no node {node!r}", hint=did_you_mean(chosen, names, otherwise=listing))
    return workspace, record, host_alias(name, chosen)


def _config(session: Session) -> Any:
    """Our ssh config, made anew if it is not there."""
    from hpcctl.logins import config_path, publish

    path = config_path(session.home)
    if not path.exists():
        publish(session.home, ssh_folder=ssh_folder())
    return path
