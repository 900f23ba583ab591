"""What of a workspace is missing or cannot be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpcctl.errors import StateError
from hpcctl.keys import public_half
from hpcctl.modules import parses
from hpcctl.render import BACKEND_FILE, OVERRIDE_FILE, VALUES_FILE, cluster_text
from hpcctl.spec.model import S3
from hpcctl.state import ClusterRecord
from hpcctl.terraform import STATE_FILE
from hpcctl.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Damage:
    """Names of files, relative to the workspace, by what it takes to have them again."""

    record: ClusterRecord | None
    terraform: tuple[str, ...]
    state: tuple[str, ...]
    access: tuple[str, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """All that the account can give back; the keys are on the machines."""
        record = () if self.record else ("cluster.json",)
        return (*record, *self.terraform, *self.state)


def damage_of(workspace: Workspace) -> Damage:
    """Look at every file that a verb would need; nothing is changed."""
    record = _record(workspace)
    return Damage(
        record=record,
        terraform=tuple(f"terraform/{name}" for name in _terraform(workspace, record)),
        state=(f"terraform/{STATE_FILE}",) if _is_unreadable(workspace.terraform / STATE_FILE) else (),
        access=tuple(f"ssh/{name}" for name in _access(workspace)),
    )


def values_of(workspace: Workspace) -> dict[str, Any]:
    """What Terraform is given; empty where that is lost."""
    found = _json(workspace.terraform / VALUES_FILE)
    return found if isinstance(found, dict) else {}


def _record(workspace: Workspace) -> ClusterRecord | None:
    try:
        return workspace.load()
    except StateError:  # UnknownCluster is one
        return None


def _terraform(workspace: Workspace, record: ClusterRecord | None) -> Iterator[str]:
    """A disk may have kept half of a file: what is the same for all clusters is compared, the rest parsed."""
    for name, text in cluster_text().items():
        if _text(workspace.terraform / name) != text:
            yield name
    needed = _needed(record)
    for name in (OVERRIDE_FILE, BACKEND_FILE):
        path = workspace.terraform / name
        if (name in needed or path.exists()) and not parses(_text(path)):
            yield name
    if not values_of(workspace):
        yield VALUES_FILE


def _needed(record: ClusterRecord | None) -> tuple[str, ...]:
    """Without them Terraform would ask AWS instead of another cloud, or begin with a state of its own."""
    if record is None:
        return ()
    return (
        *((OVERRIDE_FILE,) if record.cloud.endpoint_url else ()),
        *((BACKEND_FILE,) if record.cloud.state == S3 else ()),
    )


def _access(workspace: Workspace) -> Iterator[str]:
    for path in (workspace.identity, workspace.cluster_key):
        if not _is_key(path):
            yield path.name
    if not workspace.known_hosts.is_file() or not workspace.known_hosts.stat().st_size:
        yield workspace.known_hosts.name


def _is_key(path: Path) -> bool:
    try:
        return public_half(path.read_text(encoding="utf-8")) is not None
    except (OSError, UnicodeDecodeError):
        return False


def _is_unreadable(path: Path) -> bool:
    """A state that is missing is found again in the account; an empty one is what Terraform begins with."""
    return path.exists() and path.stat().st_size > 0 and _json(path) is None


def _text(path: Path) -> str:
    """Empty where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
