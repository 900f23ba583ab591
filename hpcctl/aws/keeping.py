"""Volumes that outlive their cluster: marked as such, found again, and told from what a broken-off run has left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpcctl.aws.session import ec2, explained
from hpcctl.aws.states import tags_of
from hpcctl.errors import CloudError
from hpcctl.spec.model import Cloud
from hpcctl.spec.tags import ID_TAG

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import VolumeTypeDef

KEEP_TAG = "hpcctl:keep"
VOLUME_TAG = "hpcctl:volume"


@dataclass(frozen=True, kw_only=True)
class KeptVolume:
    """One of them: the name that the cluster has for it, and what has a price."""

    volume_id: str
    name: str
    gib: int = 0
    volume_type: str = "gp3"
    iops: int | None = None
    throughput: int | None = None


def mark_kept(cloud: Cloud, cluster: str, volume_id: str, name: str) -> None:
    """From here on nothing but its own id removes the volume. Safe to repeat; one that is gone stays gone."""
    tags = {KEEP_TAG: "1", VOLUME_TAG: name, "Name": f"{cluster}-{name}"}
    try:
        with explained(cloud, f"mark the volume {volume_id} as one to keep"):
            ec2(cloud).create_tags(
                Resources=[volume_id], Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
            )
    except CloudError as error:
        if error.code != "InvalidVolume.NotFound":
            raise


def kept_volumes(cloud: Cloud, cluster_id: str) -> tuple[KeptVolume, ...]:
    """Those that carry the cluster's id and the mark."""
    found = (_kept(one) for one in _volumes(cloud, cluster_id) if KEEP_TAG in _tags(one))
    return tuple(sorted(found, key=lambda one: one.name))


def delete_loose(cloud: Cloud, cluster_id: str, *, say: Callable[[str], None]) -> None:
    """Delete the cluster's volumes that no machine has and nobody marked: of heads that never came to work."""
    for one in _volumes(cloud, cluster_id):
        if one["State"] == "available" and KEEP_TAG not in _tags(one):
            say(f"removing volume {one['VolumeId']}")
            with explained(cloud, f"remove the volume {one['VolumeId']}"):
                ec2(cloud).delete_volume(VolumeId=one["VolumeId"])


def _volumes(cloud: Cloud, cluster_id: str) -> Iterator[VolumeTypeDef]:
    tagged: Any = [{"Name": f"tag:{ID_TAG}", "Values": [cluster_id]}]
    with explained(cloud, "describe the volumes"):
        for page in ec2(cloud).get_paginator("describe_volumes").paginate(Filters=tagged):
            yield from page["Volumes"]


def _tags(one: VolumeTypeDef) -> dict[str, str]:
    return tags_of(one.get("Tags", ()))  # type: ignore[arg-type]


def _kept(one: VolumeTypeDef) -> KeptVolume:
    return KeptVolume(
        volume_id=one["VolumeId"],
        name=_tags(one).get(VOLUME_TAG, ""),
        gib=one["Size"],
        volume_type=one["VolumeType"],
        iops=one.get("Iops"),
        throughput=one.get("Throughput"),
    )
