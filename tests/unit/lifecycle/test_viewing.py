"""What of a spec reaches the steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpcctl.inventory import HostVolume
from hpcctl.lifecycle.viewing import cluster_view
from hpcctl.spec.model import Efs, MountTarget, Volume
from hpcctl.state import ClusterRecord
from hpcctl.steps.view import ClusterView, Disk, EfsMount, HostGroup, Lifetime
from hpcctl.workspace import Workspace, write_files
from tests.unit.records import RECORD

HOST_KEYS = "demo-head ssh-ed25519 AAAAhead\ndemo-node001 ssh-ed25519 AAAAnode\n"


def seen(folder: Path, record: ClusterRecord, **changes: Any) -> ClusterView:
    workspace = Workspace(home=folder, name="demo")
    record = replace(record, spec=replace(record.spec, **changes))
    workspace.save(record)
    keys = ("id_ed25519", "id_ed25519.pub", "cluster_ed25519", "cluster_ed25519.pub")
    write_files(workspace.path / "ssh", {**dict.fromkeys(keys, "a key\n"), "known_hosts": HOST_KEYS})
    return cluster_view(workspace, record)


def test_volumes_keep_their_order_and_those_by_id_their_size(tmp_path: Path) -> None:
    assert RECORD.inventory
    new = Volume(name="fast", mount="/fast", gib=8, file_system="xfs", shared=False)
    given = Volume(name="data", mount="/data", volume_id="vol-9")
    made = (*RECORD.inventory.volumes, HostVolume(name="fast", volume_id="vol-8"))
    record = replace(RECORD, inventory=replace(RECORD.inventory, volumes=made))
    share, *others = seen(tmp_path, record, volumes=(given, new)).disks
    assert (share.mount, share.device, share.volume_id) == ("/share", "sdf", RECORD.inventory.share_volume_id)
    assert others == [
        Disk(name="data", volume_id="vol-9", mount="/data", device="sdg", grows=False),
        Disk(name="fast", volume_id="vol-8", mount="/fast", device="sdh", file_system="xfs", shared=False),
    ]


def test_groups_and_who_runs_jobs(tmp_path: Path) -> None:
    spec = RECORD.spec
    view = seen(tmp_path, RECORD, head=replace(spec.head, runs_jobs=False))
    assert view.groups == (
        HostGroup(name="head", hosts=("head",), runs_jobs=False),
        HostGroup(name="node", hosts=("node001",)),
    )
    assert [host.name for host in view.workers] == ["node001"]


@pytest.mark.parametrize(
    ("changes", "bucket"),
    [({}, "hpcctl-permanent"), ({"bucket": "mine"}, "mine"), ({"permanent": False}, None)],
)
def test_the_bucket_behind_permanent(tmp_path: Path, changes: dict[str, Any], bucket: str | None) -> None:
    assert seen(tmp_path, RECORD, **changes).bucket == bucket


def test_efs_by_the_address_that_was_found_else_by_name(tmp_path: Path) -> None:
    assert RECORD.facts
    targets = (MountTarget(file_system_id="fs-1", address="10.0.0.99"),)
    record = replace(RECORD, facts=replace(RECORD.facts, mount_targets=targets))
    efs = (
        Efs(name="a", file_system_id="fs-1", mount="/a"),
        Efs(name="b", file_system_id="fs-2", mount="/b"),
    )
    assert seen(tmp_path, record, efs=efs).efs == (
        EfsMount(name="a", address="10.0.0.99", mount="/a"),
        EfsMount(name="b", address="fs-2.efs.us-east-1.amazonaws.com", mount="/b"),
    )


def test_the_hour_at_which_it_ends(tmp_path: Path) -> None:
    record = replace(RECORD, expires="2026-11-20T18:00:00+00:00")
    assert seen(tmp_path, record, lifetime_seconds=3600).lifetime == Lifetime(ends=1795197600, seconds=3600)
    assert seen(tmp_path, RECORD, lifetime_seconds=3600).lifetime is None
