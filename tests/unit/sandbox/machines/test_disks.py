from __future__ import annotations

from pathlib import Path

import pytest

from hpcctl.errors import SandboxError
from hpcctl.sandbox.machines.disks import Volumes, drive_name
from hpcctl.sandbox.model import Disk


def test_drive_name_is_a_serial_number() -> None:
    assert drive_name("vol-0123456789abcdef0") == "vol0123456789abcdef0"
    assert len(drive_name("vol-" + "a" * 40)) == 20


def test_volumes_are_sparse_private_and_never_shrink(tmp_path: Path) -> None:
    volumes = Volumes(tmp_path / "volumes")
    path = volumes.ensure(Disk(volume_id="vol-1", gib=2000))
    assert path.stat().st_size == 2000 * 2**30
    assert path.stat().st_blocks == 0
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open("r+b") as file:
        file.write(b"data")
    assert volumes.ensure(Disk(volume_id="vol-1", gib=4)).stat().st_size == 2000 * 2**30
    with path.open("rb") as file:
        assert file.read(4) == b"data"
    volumes.delete("vol-1")
    volumes.delete("vol-1")
    assert not path.exists()


def test_volumes_larger_than_the_file_system_takes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="cannot be a file"):
        Volumes(tmp_path).ensure(Disk(volume_id="vol-1", gib=2**33 - 1))


def test_a_volume_begins_with_what_its_snapshot_held(tmp_path: Path) -> None:
    volumes = Volumes(tmp_path / "volumes")
    first = volumes.ensure(Disk(volume_id="vol-1", gib=1))
    with first.open("r+b") as file:
        file.write(b"then")
    volumes.snapshot("vol-1", "snap-1")
    with first.open("r+b") as file:
        file.write(b"now ")
    second = volumes.ensure(Disk(volume_id="vol-2", gib=2, snapshot_id="snap-1"))
    assert second.stat().st_size == 2 * 2**30
    assert second.stat().st_blocks < 100
    with second.open("r+b") as file:
        assert file.read(4) == b"then"
        file.seek(0)
        file.write(b"mine")
    volumes.delete("snap-1")
    with volumes.ensure(Disk(volume_id="vol-2", gib=2, snapshot_id="snap-1")).open("rb") as file:
        assert file.read(4) == b"mine"


def test_a_snapshot_of_a_volume_that_was_never_used_is_empty(tmp_path: Path) -> None:
    volumes = Volumes(tmp_path / "volumes")
    volumes.snapshot("vol-1", "snap-1")
    assert volumes.ensure(Disk(volume_id="vol-2", gib=1, snapshot_id="snap-1")).stat().st_blocks == 0
