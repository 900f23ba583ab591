"""Terraform, where the machine has none: a pinned version, its checksum checked, for this user only."""

from __future__ import annotations

import hashlib
import io
import platform
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

from hpcctl.errors import HpcctlError
from hpcctl.files import private_folder, write_atomically
from hpcctl.setup.toolchain import Release, release

SECONDS = 60
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_PIECE = 1 << 20


def this_platform() -> str:
    """Such as ``linux_amd64``."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}_{_MACHINES.get(machine, machine)}"


def install_terraform(home: Path, *, say: Callable[[str], None]) -> Path:
    """Download, check, unpack into ``$HPCCTL_HOME/bin``; the program's path."""
    wanted = release(this_platform())
    if wanted is None:
        raise HpcctlError(
            f"no Terraform is pinned for {this_platform()}",
            hint="install Terraform or OpenTofu, 1.7 or newer, so that it is on PATH",
        )
    target = home / "bin" / "terraform"
    archive = _download(wanted, target, say)
    _check(archive, wanted)
    try:
        private_folder(target.parent)
        write_atomically(target, _program(archive, wanted), mode=0o755)
    except OSError as error:
        raise HpcctlError(f"cannot write {target}: {error.strerror}", hint="is the disk full?") from error
    return target


def _download(wanted: Release, target: Path, say: Callable[[str], None]) -> bytes:
    say(f"downloading Terraform {wanted.version}")
    pieces, size, told = [], 0, 0
    try:
        with urllib.request.urlopen(wanted.url, timeout=SECONDS) as answer:
            while piece := answer.read(_PIECE):
                pieces.append(piece)
                size += len(piece)
                if size - told >= 10 * _PIECE:
                    say(f"downloading Terraform {wanted.version}: {size // _PIECE} MB")
                    told = size
    except OSError as error:
        raise HpcctlError(
            f"Terraform could not be downloaded from {wanted.url}: {getattr(error, 'reason', error)}",
            hint=f"install Terraform or OpenTofu, 1.7 or newer, so that it is on PATH, or put it at {target}",
        ) from error
    return b"".join(pieces)


def _check(archive: bytes, wanted: Release) -> None:
    found = hashlib.sha256(archive).hexdigest()
    if found != wanted.sha256:
        raise HpcctlError(
            f"what {wanted.url} sent is not Terraform {wanted.version}: its SHA-256 is {found}",
            hint="it was thrown away; does a proxy stand between? Try again, or install Terraform yourself",
        )


def _program(archive: bytes, wanted: Release) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as unpacked:
            return unpacked.read("terraform")
    except (zipfile.BadZipFile, KeyError) as error:
        raise HpcctlError(f"the archive from {wanted.url} holds no Terraform") from error
