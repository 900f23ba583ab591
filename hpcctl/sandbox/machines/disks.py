"""Disk files: overlays for root disks, sparse files for volumes."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hpcctl.errors import SandboxError
from hpcctl.sandbox.machines.host import program
from hpcctl.sandbox.model import Disk

IMAGE_GIB = 8
"""The size of the image's root disk; smaller root disks cannot be had, as on EC2."""


def make_overlay(path: Path, *, base: Path, base_format: str) -> None:
    """A disk that starts with the content of ``base``, which is never written."""
    words = [
        program("qemu-img"),
        "create",
        "-q",
        "-f",
        "qcow2",
        "-F",
        base_format,
        "-b",
        str(base.resolve()),
        str(path),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SandboxError(f"cannot make the disk {path}: {done.stderr.strip()}")
    path.chmod(0o600)


def grow_overlay(path: Path, *, gib: int) -> None:
    """Make a disk that is not in use larger (never smaller)."""
    words = [program("qemu-img"), "resize", "-q", "-f", "qcow2", str(path), f"{gib}G"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SandboxError(f"cannot grow the disk {path}: {done.stderr.strip()}")


def drive_name(volume_id: str) -> str:
    """A volume's serial number: its id without the dash, as EC2 shows it (20 characters at most)."""
    return volume_id.replace("-", "")[:20]


class Volumes:
    """The files of the EBS volumes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ensure(self, disk: Disk) -> Path:
        """The volume's file, made if it is missing; empty space costs nothing. Grows, never shrinks."""
        gib = disk.gib
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(disk.volume_id)
        if disk.snapshot_id and not path.exists():
            _copy(self._path(disk.snapshot_id), path)
        path.touch(mode=0o600)
        try:
            with path.open("r+b") as file:
                if path.stat().st_size < gib * 2**30:
                    file.truncate(gib * 2**30)
        except OSError as error:
            raise SandboxError(
                f"a volume of {gib} GiB cannot be a file in {self._folder}: {error.strerror}",
                hint="the sandbox's volumes are sparse files, as large as the file system allows; ask for less",
            ) from error
        return path

    def snapshot(self, volume_id: str, snapshot_id: str) -> None:
        """A copy of the volume's file; of a volume that no machine has had yet there is nothing to copy."""
        _copy(self._path(volume_id), self._path(snapshot_id))

    def delete(self, volume_id: str) -> None:
        """Remove the file; safe to repeat."""
        self._path(volume_id).unlink(missing_ok=True)

    def _path(self, volume_id: str) -> Path:
        return self._folder / f"{drive_name(volume_id)}.raw"


def _copy(source: Path, target: Path) -> None:
    """Put in place when it is whole; what is empty takes no room in it either."""
    if not source.exists():
        return
    half = target.with_suffix(".part")
    words = ["cp", "--sparse=always", "--reflink=auto", "--", str(source), str(half)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SandboxError(f"cannot copy {source}: {done.stderr.strip()}")
    half.rename(target)
