"""``hpcctl ssh``"""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

import click

from hpcctl.cli.session import Session, ssh_folder
from hpcctl.cli.words import ClusterName
from hpcctl.errors import StateError, UsageError

EPILOG = """\b
Examples:
  hpcctl ssh demo
  hpcctl ssh demo node001
  hpcctl ssh demo -- qstat -f
  hpcctl ssh demo node001 -- 'nproc; free -g'
"""

_COMMAND = "hpcctl.command"


class _Ssh(click.Command):
    """Everything after -- is the command, whether a node stands before it or not."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            cut = args.index("--")
            ctx.meta[_COMMAND] = args[cut + 1 :]
            args = args[:cut]
        return super().parse_args(ctx, args)


@click.command("ssh", cls=_Ssh, epilog=EPILOG, options_metavar="", add_help_option=True)
@click.argument("name", type=ClusterName())
@click.argument("node", required=False)
@click.pass_context
def command(ctx: click.Context, name: str, node: str | None) -> int:
    """Log in to the head or to NODE, or run the command after -- there.

    It runs the system's ssh, and its exit code is the exit code.
    """
    session: Session = ctx.obj
    host = _host(session, name, node)
    program = shutil.which("ssh")
    if program is None:
        raise UsageError(
            "there is no ssh on PATH", hint="on Debian and Ubuntu: apt-get install openssh-client"
        )
    words = [program, "-F", str(_config(session)), host, "--", *_remote(ctx.meta.get(_COMMAND))]
    sys.stdout.flush()
    os.execv(program, words)


def _remote(words: Any) -> list[str]:
    return list(words or ())


def _host(session: Session, name: str, node: str | None) -> str:
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
        listing = f"the nodes are: {', '.join(names[:10])}{' …' if len(names) > 10 else ''}"
        raise UsageError(f"{name} has no node {node!r}", hint=did_you_mean(chosen, names, otherwise=listing))
    return host_alias(name, chosen)


def _config(session: Session) -> Any:
    """Our ssh config, made anew if it is not there."""
    from hpcctl.logins import config_path, publish

    path = config_path(session.home)
    if not path.exists():
        publish(session.home, ssh_folder=ssh_folder())
    return path
