"""``terraform init`` once for all folders that look the same to it, instead of once for each.

What init leaves behind (links to providers, the list of modules) depends on the .tf files alone and names no
folder. So it is kept in ``HPCCTL_HOME/terraform/data/<hash>`` for every cluster of that shape (TF_DATA_DIR);
the lock file of the providers is copied into the folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hpcctl.files import private_folder, write_atomically
from hpcctl.locks import locked
from hpcctl.terraform.environment import ADOPTION_FILE, OVERRIDE_FILE

LOCK_FILE = ".terraform.lock.hcl"
Init = Callable[[Path], None]
"""Runs ``terraform init`` with this folder as TF_DATA_DIR."""


def shared_data(home: Path, folder: Path, *, identity: str, init: Init) -> Path:
    """The TF_DATA_DIR for this folder; ``init`` runs only if no folder of this shape had it before.

    ``identity`` is what else decides: the program's version and its CLI configuration.
    """
    shared = private_folder(home / "terraform" / "data")
    target = shared / _key(folder, identity)
    if not _is_usable(target):
        with locked(home / "terraform" / "init.lock", verb="terraform init", wait=True):
            if not _is_usable(target):
                _initialise(shared, target, folder, init)
    _put_lock_file(target, folder)
    return target / "data"


def _key(folder: Path, identity: str) -> str:
    digest = hashlib.sha256(identity.encode())
    for path in sorted(folder.rglob("*.tf")):
        relative = path.relative_to(folder)
        if path.name not in (OVERRIDE_FILE, ADOPTION_FILE) and not relative.parts[0].startswith("."):
            digest.update(f"{relative}\0{path.read_text(encoding='utf-8')}\0".encode())
    return digest.hexdigest()[:16]


def _is_usable(target: Path) -> bool:
    """Whether init finished there, and the providers that it linked to are still there."""
    if not (target / LOCK_FILE).is_file():
        return False
    return all(
        Path(folder, name).exists()
        for folder, folders, files in os.walk(target / "data" / "providers")
        for name in (*folders, *files)
    )


def _initialise(shared: Path, target: Path, folder: Path, init: Init) -> None:
    """Into a new folder that takes the name at the end, so that nobody meets half of it.

    We hold the lock: other new folders are those of runs that were killed.
    """
    for left in shared.glob(".new-*"):
        shutil.rmtree(left, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=shared))
    try:
        (folder / LOCK_FILE).unlink(missing_ok=True)
        init(fresh / "data")
        shutil.move(folder / LOCK_FILE, fresh / LOCK_FILE)
        shutil.rmtree(target, ignore_errors=True)
        fresh.replace(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _put_lock_file(target: Path, folder: Path) -> None:
    text = (target / LOCK_FILE).read_text(encoding="utf-8")
    place = folder / LOCK_FILE
    if not place.exists() or place.read_text(encoding="utf-8") != text:
        write_atomically(place, text)
