"""Answers that are asked for seldom: JSON files in ``$HPCCTL_HOME/cache``, which may vanish at any time."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from hpcctl.files import private_folder, write_atomically
from hpcctl.spec.model import Cloud

FOLDER = "cache"
VERSION = 1
"""Of what is in the files: those of another one are asked for anew."""


def cache_path(home: Path, kind: str, *asked: object) -> Path:
    """The file for one answer; ``asked`` is all that the answer depends on."""
    digest = hashlib.sha256(json.dumps([VERSION, *asked]).encode()).hexdigest()[:16]
    return home / FOLDER / f"{kind}-{digest}.json"


def place_of(cloud: Cloud) -> tuple[str | None, ...]:
    """Whose answers they are: the letters of a zone, for one, are not the same zone for all accounts."""
    return (cloud.endpoint_url, cloud.region, cloud.aws_profile, cloud.role_arn)


def kept(path: Path, *, seconds: float | None = None) -> Any:
    """What was kept there, if it is not older than ``seconds``; None where there is nothing that can be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        age = datetime.now(timezone.utc) - datetime.fromisoformat(data["asked"])
        content = data["content"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if seconds is not None and not timedelta(0) <= age <= timedelta(seconds=seconds):
        return None
    return content


def keep(path: Path, content: object) -> None:
    """Keep it. A disk that is full is no reason to fail: it is asked for again the next time."""
    asked = datetime.now(timezone.utc).isoformat(timespec="seconds")
    try:
        private_folder(path.parent)
        write_atomically(path, json.dumps({"asked": asked, "content": content}))
    except OSError:
        return
