"""Where in the cloud a shared cluster is written down: names only."""

from __future__ import annotations

ROOT = "clusters/"
RECORD = "cluster.json"
FILES = "files.json"
LOCK = "lock"
STATE = "terraform.tfstate"
STATE_LOCK = f"{STATE}.tflock"

MOVE = "move"
"""The verb that may work on a cluster which is on its way."""

RECOVER = "recover"
"""The verb that may work on a cluster whose record has vanished."""

SEEN = ".shared.json"
"""Not in the bucket: in a workspace, it says which version of the objects its files are."""


def state_bucket(account: str, region: str) -> str:
    """The bucket of an account and region that its shared clusters are written down in."""
    return f"hpcctl-state-{account}-{region}"


def key(name: str, part: str) -> str:
    """The object with one part of a cluster."""
    return f"{ROOT}{name}/{part}"
