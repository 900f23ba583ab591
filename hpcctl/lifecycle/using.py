"""Work on a cluster from a program: commands and files by way of the head."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hpcctl.errors import UsageError
from hpcctl.lifecycle.access import has_access, take_over
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.requiring import require_made, require_started
from hpcctl.lifecycle.viewing import cluster_view, login_target
from hpcctl.nearest import did_you_mean
from hpcctl.remote.ssh import Executed, Head, Lifeline, connect
from hpcctl.state import ClusterRecord
from hpcctl.templating import quote_shell
from hpcctl.workspace import Workspace

ANSWER_SECONDS = 30


def execute(
    name: str, command: str, *, node: str | None = None, data: str = "", context: Context
) -> Executed:
    """Run a command of the shell as the login user, on the head or on a node. StateError, RemoteError."""
    with _head(name, context) as (record, head):
        return head.execute(_on(record, node, command), data)


def put(name: str, local: Path, remote: str, *, context: Context) -> None:
    """Copy a file to the head; a remote path is relative to the login user's home."""
    with _head(name, context) as (_, head):
        head.put(local, remote)


def get(name: str, remote: str, local: Path, *, context: Context) -> None:
    """Copy a file from the head."""
    with _head(name, context) as (_, head):
        head.get(remote, local)


@contextmanager
def _head(name: str, context: Context) -> Iterator[tuple[ClusterRecord, Head]]:
    """A connection, by the key of this machine; one that has none is let in first."""
    workspace = Workspace(home=context.home, name=name)
    record = workspace.current()
    require_made(record)
    require_started(record)
    if not has_access(workspace):
        with workspace.lock("ssh", wait=context.wait, say=context.progress.note):
            take_over(workspace, record, context)
    target = login_target(workspace, record, cluster_view(workspace, record))
    with connect(target, seconds=ANSWER_SECONDS, lifeline=Lifeline()) as head:
        yield record, head


def _on(record: ClusterRecord, node: str | None, command: str) -> str:
    """The command as the head is to run it."""
    hosts = record.inventory.hosts if record.inventory else ()
    names = [host.name for host in hosts]
    if node is None or node == names[0]:
        return command
    if node not in names:
        listing = f"the nodes are: {', '.join(names[:10])}{' …' if len(names) > 10 else ''}"
        raise UsageError(
            f"{record.spec.name} has no node {node!r}", hint=did_you_mean(node, names, otherwise=listing)
        )
    return f"ssh -o BatchMode=yes {quote_shell(node)} {quote_shell(command)}"
