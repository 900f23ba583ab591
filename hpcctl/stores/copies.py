"""Workspaces as copies: whether a cluster is shared, and fetching one that this machine has never seen."""

from __future__ import annotations

import json
from pathlib import Path

from hpcctl.spec.model import S3, Cloud
from hpcctl.spec.shared import RECORD, SEEN
from hpcctl.state import ClusterRecord

CONFIG = "config.hcl"


def record_in(folder: Path) -> ClusterRecord | None:
    """What this machine has of a cluster, if it can be read."""
    try:
        return ClusterRecord.from_json(json.loads((folder / RECORD).read_text(encoding="utf-8")))
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        return None


def shared_cloud(home: Path, name: str, cloud: Cloud | None = None) -> tuple[Cloud, str | None] | None:
    """The cloud, and the account if known, of a cluster that is in a bucket; None for one of this machine alone.

    ``cloud`` is where a cluster that nobody has yet will be made.
    """
    folder = home / "clusters" / name
    record = record_in(folder)
    if record is None and cloud is None and _is_copy(folder):
        fetch(home, name)
        record = record_in(folder)
    found = record.cloud if record else cloud
    if found is None or found.state != S3:
        return None
    return found, record.facts.account if record and record.facts else None


def fetch(home: Path, name: str) -> tuple[str, ...]:
    """Copy a cluster from the bucket of a profile that shares, if one has it; else who could not be asked, in words."""
    if not (home / CONFIG).exists():
        return ()
    from hpcctl.stores.team import copy_under_lock, find

    found = find(home, name)
    if not found.clusters:
        return found.problems
    copy_under_lock(home, found.clusters[0])
    return ()


def _is_copy(folder: Path) -> bool:
    """Nothing of one's own can be lost by fetching there."""
    return (folder / SEEN).exists() or not (folder / RECORD).exists()
