from __future__ import annotations

from pathlib import Path

import pytest

from hpcctl.errors import SandboxError
from hpcctl.sandbox.machines.disks import Volumes, drive_name


def test_drive_name_is_a_serial_number() -> None:
    assert drive_name("vol-0123456789abcdef0") == "vol0123456789abcdef0"
    assert len(drive_name("vol-" + "a" * 40)) == 20


def test_volumes_are_sparse_private_and_never_shrink(tmp_path: Path) -> None:
    volumes = Volumes(tmp_path / "volumes")
    path = volumes.ensure("vol-1", 2000)
    assert path.stat().st_size == 2000 * 2**30
    assert path.stat().st_blocks == 0
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open("r+b") as file:
        file.write(b"data")
    assert volumes.ensure("vol-1", 4).stat().st_size == 2000 * 2**30
    with path.open("rb") as file:
        assert file.read(4) == b"data"
    volumes.delete("vol-1")
    volumes.delete("vol-1")
    assert not path.exists()


def test_volumes_larger_than_the_file_system_takes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="cannot be a file"):
        Volumes(tmp_path).ensure("vol-1", 2**33 - 1)
