"""What of a workspace every machine of a team needs, as one JSON object: {relative path: text}."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from hpcctl.errors import StateError
from hpcctl.files import private_folder, write_atomically
from hpcctl.spec.model import Cloud
from hpcctl.terraform.environment import ADOPTION_FILE, PROFILE_FILE

_SSH = ("bootstrap_hosts", "cluster_ed25519.pub", "known_hosts")
"""Public halves only: a private key never leaves the machine that it was made on."""

_SUFFIXES = (".tf", ".tfvars.json", ".txt")


def gather(folder: Path) -> dict[str, str]:
    """The shared files of a workspace. No state, no plan, no lock, no log, no private key."""
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in _paths(folder)}


def spread(folder: Path, files: Mapping[str, str]) -> None:
    """Make the workspace's shared files what they are in ``files``."""
    for path in tuple(_paths(folder)):
        if path.relative_to(folder).as_posix() not in files:
            path.unlink(missing_ok=True)
    for relative, text in files.items():
        path = folder / relative
        if not path.resolve().is_relative_to(folder.resolve()):
            raise StateError(f"the shared files of {folder.name} name {relative!r}, which is outside of it")
        private_folder(path.parent)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_atomically(path, text)


def put_profile(folder: Path, cloud: Cloud) -> None:
    """Which AWS profile Terraform is to use on this machine: its own business, and in no shared file."""
    path = folder / "terraform" / PROFILE_FILE
    if cloud.aws_profile:
        private_folder(path.parent)
        write_atomically(path, f"{cloud.aws_profile}\n")
    else:
        path.unlink(missing_ok=True)


def pack(files: Mapping[str, str]) -> bytes:
    """As the object's content."""
    return json.dumps(files, indent=1, sort_keys=True, ensure_ascii=False).encode()


def unpack(body: bytes, name: str) -> dict[str, str]:
    """From the object's content; StateError where it is none."""
    try:
        files = json.loads(body)
    except ValueError:
        files = None
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
        raise StateError(
            f"the shared files of {name} are damaged in the bucket",
            hint="an older version of files.json can be brought back: the bucket keeps them",
        )
    return files


def digest(body: bytes) -> str:
    """To tell whether something has changed."""
    return hashlib.sha256(body).hexdigest()


def _paths(folder: Path) -> Iterator[Path]:
    for path in sorted((folder / "terraform").rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and path.name.endswith(_SUFFIXES) and not hidden and path.name != ADOPTION_FILE:
            yield path
    yield from (folder / "ssh" / name for name in _SSH if (folder / "ssh" / name).is_file())
