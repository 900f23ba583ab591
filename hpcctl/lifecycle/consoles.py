"""The consoles of lost machines, kept: with the machine the cloud forgets them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path

from hpcctl.aws import console_output
from hpcctl.errors import CloudError
from hpcctl.lifecycle.context import Context
from hpcctl.state import ClusterRecord
from hpcctl.workspace import Workspace, write_files


def keep_consoles(
    workspace: Workspace, record: ClusterRecord, nodes: Iterable[str], context: Context
) -> None:
    """Append what each node's machine has shown to ``log/console-NODE.txt``; what cannot be had is only a note."""
    machines = {host.name: host.instance_id for host in record.inventory.hosts} if record.inventory else {}
    for node in nodes:
        if node not in machines:
            continue
        try:
            shown = console_output(record.cloud, machines[node])
        except CloudError as error:
            context.progress.note(f"{error.message}; the console of {node} is not kept")
            continue
        path = _path(workspace, node)
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        title = f"== {node}, {machines[node]}, {now}\n"
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        write_files(
            path.parent, {path.name: before + title + (shown.rstrip() or "(it shows nothing)") + "\n"}
        )


def rescue_consoles(workspace: Workspace, nodes: Iterable[str]) -> tuple[Path, ...]:
    """Copy them to ``$HPCCTL_HOME/log``, before the workspace goes; the copies."""
    folder = workspace.home / "log"
    copies = []
    for node in nodes:
        path = _path(workspace, node)
        if path.exists():
            name = f"{workspace.name}-{path.name}"
            write_files(folder, {name: path.read_text(encoding="utf-8")})
            copies.append(folder / name)
    return tuple(copies)


def _path(workspace: Workspace, node: str) -> Path:
    return workspace.log / f"console-{node}.txt"
