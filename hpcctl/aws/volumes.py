"""Volumes and snapshots that a cluster names: are they there, are they free, and in which zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpcctl.aws.findings import Findings
from hpcctl.aws.session import ec2, explained
from hpcctl.errors import CloudError
from hpcctl.spec.fields import of_volume
from hpcctl.spec.model import Cloud, ClusterSpec, Volume

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import SnapshotTypeDef, VolumeTypeDef


@dataclass(frozen=True, kw_only=True)
class PresentVolume:
    """A volume that exists; ``attached`` is the instance that has it, if any."""

    volume_id: str
    gib: int
    zone: str
    state: str
    attached: str | None


@dataclass(frozen=True, kw_only=True)
class PresentSnapshot:
    """A snapshot that exists; ``gib`` is the size of the volume that it was made of."""

    snapshot_id: str
    gib: int
    state: str


def all_volumes(spec: ClusterSpec) -> tuple[Volume, ...]:
    """That of /share and the others."""
    return (spec.share, *spec.volumes)


def present_volumes(cloud: Cloud, ids: Sequence[str]) -> dict[str, PresentVolume]:
    """Of these volumes those that there are, by id."""
    if not ids:
        return {}
    with explained(cloud, "describe the volumes"):
        pages = ec2(cloud).get_paginator("describe_volumes")
        found = [
            volume
            for page in pages.paginate(Filters=[{"Name": "volume-id", "Values": list(ids)}])
            for volume in page["Volumes"]
        ]
    return {volume["VolumeId"]: _volume(volume) for volume in found}


def present_snapshots(cloud: Cloud, ids: Sequence[str]) -> dict[str, PresentSnapshot]:
    """Of these snapshots those that there are, by id. Of somebody else's, too, if they are shared."""
    try:
        return _snapshots(cloud, ids)
    except CloudError as error:
        if not error.code.startswith("InvalidSnapshot"):
            raise
    if len(ids) == 1:
        return {}
    return {name: found for one in ids for name, found in present_snapshots(cloud, [one]).items()}


def check_volumes(
    spec: ClusterSpec, present: dict[str, PresentVolume], findings: Findings
) -> tuple[PresentVolume, ...]:
    """Those of the cluster that are there already; problems for those that it cannot have."""
    chosen = []
    for volume in all_volumes(spec):
        if not volume.volume_id:
            continue
        where = of_volume(volume, "id")
        found = present.get(volume.volume_id)
        if found is None:
            findings.problem(
                where, f"there is no volume {volume.volume_id} here", "volumes belong to one region"
            )
            continue
        if found.state != "available":
            by = f" by {found.attached}" if found.attached else ""
            findings.problem(
                where,
                f"the volume {volume.volume_id} is {found.state}{by}",
                "a volume can belong to one machine at a time: detach it, or wait until it is available",
            )
        chosen.append(found)
    return tuple(chosen)


def check_snapshots(spec: ClusterSpec, present: dict[str, PresentSnapshot], findings: Findings) -> None:
    """Problems for snapshots that are not there, not ready, or larger than the volume to be."""
    for volume in all_volumes(spec):
        if not volume.snapshot:
            continue
        where, found = of_volume(volume, "snapshot"), present.get(volume.snapshot)
        if found is None:
            what = f"there is no snapshot {volume.snapshot} that you may use"
            findings.problem(where, what, "snapshots belong to one region")
        elif found.state != "completed":
            findings.problem(
                where, f"the snapshot {volume.snapshot} is {found.state}", "wait until it is completed"
            )
        elif volume.gib and volume.gib < found.gib:
            findings.problem(
                of_volume(volume, "size"),
                f"a volume of {volume.gib} GB cannot hold {volume.snapshot}, which is of one of {found.gib} GB",
                f"at least {found.gib}",
            )


def _snapshots(cloud: Cloud, ids: Sequence[str]) -> dict[str, PresentSnapshot]:
    if not ids:
        return {}
    with explained(cloud, "describe the snapshots"):
        found = ec2(cloud).describe_snapshots(SnapshotIds=list(ids))["Snapshots"]
    return {one["SnapshotId"]: _snapshot(one) for one in found}


def _volume(volume: VolumeTypeDef) -> PresentVolume:
    attached = [one["InstanceId"] for one in volume.get("Attachments", ()) if one.get("InstanceId")]
    return PresentVolume(
        volume_id=volume["VolumeId"],
        gib=volume["Size"],
        zone=volume["AvailabilityZone"],
        state=volume["State"],
        attached=attached[0] if attached else None,
    )


def _snapshot(snapshot: SnapshotTypeDef) -> PresentSnapshot:
    return PresentSnapshot(
        snapshot_id=snapshot["SnapshotId"], gib=snapshot["VolumeSize"], state=snapshot["State"]
    )
