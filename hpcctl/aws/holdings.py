"""What of a cluster costs money whether its machines run or not: volumes, and addresses that somebody keeps."""

from __future__ import annotations

from dataclasses import dataclass

from hpcctl.aws.session import ec2, explained
from hpcctl.aws.states import NODE_TAG, tags_of
from hpcctl.spec.model import Cloud
from hpcctl.spec.tags import ID_TAG


@dataclass(frozen=True, kw_only=True)
class Volume:
    """One EBS volume: its size in GiB, its throughput in MiB/s, and the node whose disk it is."""

    volume_id: str
    gib: int
    volume_type: str
    node: str
    iops: int | None = None
    throughput: int | None = None


@dataclass(frozen=True, kw_only=True)
class Address:
    """One Elastic IP address that belongs to one of the instances."""

    public_ip: str
    instance_id: str


def volumes_of(cloud: Cloud, cluster_id: str) -> tuple[Volume, ...]:
    """All volumes that carry the cluster's id."""
    with explained(cloud, "describe the volumes"):
        pages = ec2(cloud).get_paginator("describe_volumes")
        found = [
            Volume(
                volume_id=one["VolumeId"],
                gib=one["Size"],
                volume_type=one["VolumeType"],
                node=tags_of(one.get("Tags", ())).get(NODE_TAG, ""),  # type: ignore[arg-type]
                iops=one.get("Iops"),
                throughput=one.get("Throughput"),
            )
            for page in pages.paginate(Filters=[{"Name": f"tag:{ID_TAG}", "Values": [cluster_id]}])
            for one in page["Volumes"]
        ]
    return tuple(sorted(found, key=lambda one: (one.node, one.volume_id)))


def addresses_of(cloud: Cloud, instance_ids: frozenset[str]) -> tuple[Address, ...]:
    """The Elastic IP addresses of these instances. All others vanish when an instance stops, and cost nothing then."""
    with explained(cloud, "describe the addresses"):
        found = ec2(cloud).describe_addresses()["Addresses"]
    return tuple(
        Address(public_ip=one["PublicIp"], instance_id=one["InstanceId"])
        for one in found
        if one.get("InstanceId") in instance_ids
    )
