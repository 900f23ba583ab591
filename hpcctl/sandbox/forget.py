"""What hpcctl keeps of clusters that lived in a sandbox which is no more."""

from __future__ import annotations

import shutil
from pathlib import Path

from hpcctl.workspace import entries

PROFILE = "sandbox"
_OVERRIDE = "terraform/endpoint_override.tf"


def forget_clusters(home: Path) -> tuple[str, ...]:
    """Remove the workspaces of the sandbox's clusters and of their base; the clusters' names."""
    lived = [
        entry.workspace for entry in entries(home) if entry.record and entry.record.cloud.profile == PROFILE
    ]
    for workspace in lived:
        workspace.remove()
    for base in (home / "base").glob("*"):
        if "http://127.0.0.1:" in _text(base / _OVERRIDE):
            shutil.rmtree(base, ignore_errors=True)
    return tuple(workspace.name for workspace in lived)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
