"""The head's functions for EBS volumes, run by a real bash; disks are files, and programs note how they were called."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hpcctl.templating import render_template

FAKES = {
    "blkid": 'cat "$ROOT/kind" 2>/dev/null || exit 2',
    "lsblk": 'cat "$ROOT/parts" 2>/dev/null || true',
    "mountpoint": "exit 1",
    "findmnt": 'cat "$ROOT/kind"',
    "dumpe2fs": 'printf "Block count:    %s\\nBlock size:     4096\\n" "$(cat "$ROOT/blocks")"',
    "xfs_info": 'printf "meta=x isize=512\\ndata     =   bsize=4096   blocks=%s, x=25\\n" "$(cat "$ROOT/blocks")"',
    "blockdev": "echo $((1 << 30))",
    **dict.fromkeys(("mkfs.ext4", "mkfs.xfs", "mount", "chmod", "resize2fs", "xfs_growfs"), ""),
}
Volume = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A head with one volume attached, and nothing on it."""
    (tmp_path / "by-id").mkdir()
    (tmp_path / "by-id/nvme-Amazon_Elastic_Block_Store_vol0123").touch()
    (tmp_path / "fstab").write_text(
        "LABEL=root / ext4 defaults 0 0\nLABEL=hpcctl-share /data ext4 defaults 0 2\n"
    )
    (tmp_path / "bin").mkdir()
    for name, body in FAKES.items():
        program = tmp_path / "bin" / name
        program.write_text(f'#!/bin/bash\necho {name} "$@" >>"$ROOT/calls"\n{body}\n')
        program.chmod(0o755)
    (tmp_path / "calls").touch()
    return tmp_path


@pytest.fixture
def volume(root: Path) -> Volume:
    """Calls a function for the volume at /data, as a step does."""
    text = render_template("steps/volumes.sh").replace("[ -b", "[ -e").replace("/dev/disk", str(root))
    functions = text.replace("/etc/fstab", f"{root}/fstab").replace("mkdir -p", "true")

    def call(words: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{root}/bin:/usr/bin:/bin", "ROOT": str(root)}
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", f"{functions}\n{words}"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return call


MOUNT = "mount_volume vol0123 sdg /data xfs hpcctl-data"
LISTED = "volume_listed vol0123 sdg /data"


def calls(root: Path, name: str) -> list[str]:
    return [line for line in (root / "calls").read_text().splitlines() if line.split()[0] == name]


def test_a_blank_volume_gets_a_file_system_where_everybody_may_write(root: Path, volume: Volume) -> None:
    assert volume(LISTED).returncode != 0
    assert volume(MOUNT).returncode == 0
    disk = f"{root}/by-id/nvme-Amazon_Elastic_Block_Store_vol0123"
    assert calls(root, "mkfs.xfs") == [f"mkfs.xfs -q -L hpcctl-data {disk}"]
    assert [line for line in calls(root, "chmod") if "/data" in line] == ["chmod 1777 /data"]
    lines = (root / "fstab").read_text().splitlines()
    assert lines == [
        "LABEL=root / ext4 defaults 0 0",
        f"{disk} /data xfs defaults,nofail,x-systemd.device-timeout=300s 0 2",
    ]
    assert volume(LISTED).returncode == 0


@pytest.mark.parametrize("kind", ["ext3", "ext4", "xfs", "btrfs"])
def test_what_is_on_a_volume_stays(root: Path, volume: Volume, kind: str) -> None:
    (root / "kind").write_text(f"{kind}\n")
    assert volume(MOUNT).returncode == 0
    assert not calls(root, "mkfs.xfs") + calls(root, "mkfs.ext4")
    assert not [line for line in calls(root, "chmod") if "/data" in line]
    assert f" /data {kind} " in (root / "fstab").read_text()


@pytest.mark.parametrize("kind", ["LVM2_member\n", "swap\n", ""])
def test_what_is_no_file_system_is_told_and_left(root: Path, volume: Volume, kind: str) -> None:
    (root / "kind").write_text(kind)
    done = volume(MOUNT)
    assert done.returncode != 0
    assert "it is left as it is" in done.stderr
    assert not calls(root, "mkfs.xfs") + calls(root, "mount")


def test_the_only_partition_is_what_is_mounted(root: Path, volume: Volume) -> None:
    (root / "by-id/nvme-Amazon_Elastic_Block_Store_vol0123-part1").touch()
    (root / "parts").write_text("disk /dev/nvme1n1\npart /dev/nvme1n1p1\n")
    (root / "kind").write_text("ext3\n")
    assert volume(MOUNT).returncode == 0
    assert "vol0123-part1 /data ext3 " in (root / "fstab").read_text()
    assert volume(LISTED).returncode == 0


def test_of_several_partitions_none_is_guessed(root: Path, volume: Volume) -> None:
    (root / "parts").write_text("part /dev/nvme1n1p1\npart /dev/nvme1n1p2\n")
    done = volume(MOUNT)
    assert done.returncode != 0
    assert "has 2 partitions" in done.stderr


@pytest.mark.parametrize(("kind", "program"), [("ext4", "resize2fs"), ("xfs", "xfs_growfs")])
def test_a_file_system_that_is_smaller_than_its_volume_grows(
    root: Path, volume: Volume, kind: str, program: str
) -> None:
    (root / "kind").write_text(f"{kind}\n")
    for blocks, full in (((1 << 30) // 4096, True), ((1 << 29) // 4096, False)):
        (root / "blocks").write_text(f"{blocks}\n")
        assert (volume("volume_full vol0123 sdg /data").returncode == 0) is full
    assert volume("grow_volume vol0123 sdg /data").returncode == 0
    assert len(calls(root, program)) == 1


def test_a_volume_that_is_not_there_is_nobody_else(volume: Volume) -> None:
    assert volume("disk_of vol9999 sdzz").returncode != 0
