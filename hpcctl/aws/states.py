"""The instances of clusters, as they are at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from hpcctl.aws.session import ec2, explained
from hpcctl.inventory import Host, HostVolume
from hpcctl.spec.model import HEAD, SHARE, Cloud, ClusterSpec, Role
from hpcctl.spec.nodes import group_of
from hpcctl.spec.tags import CLUSTER_TAG, ID_TAG, OWNER_TAG
from hpcctl.spec.volumes import attached_volumes

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef, InstanceTypeDef

NODE_TAG = "hpcctl:node"
ROLE_TAG = "hpcctl:role"
HOST_KEY_TAG = "hpcctl:host-key"  # Terraform ignores it: see templates/root/cluster/providers.tf.j2
SHARE_DEVICE = "/dev/sdf"  # as terraform/modules/nodes asks for it
ALIVE = ("pending", "running", "stopping", "stopped")


@dataclass(frozen=True, kw_only=True)
class InstanceState:
    """One instance of one cluster. ``state`` is EC2's word for it; the head alone has the volume of /share.

    ``host_key`` is the head's public SSH host key, told by the hpcctl that gave it to the head. ``spot``: it cannot be
    stopped, and AWS may end it. ``devices``: the volumes by the names of their devices, ``/dev/sdf``.
    """

    instance_id: str
    name: str
    cluster: str
    cluster_id: str
    node: str
    role: Role
    state: str
    instance_type: str
    zone: str
    private_ip: str | None
    public_ip: str | None
    launch_time: datetime
    volumes: tuple[str, ...]
    share_volume: str | None
    owner: str
    host_key: str | None = None
    devices: tuple[tuple[str, str], ...] = ()
    spot: bool = False

    def volumes_of(self, spec: ClusterSpec) -> tuple[HostVolume, ...] | None:
        """The head's volumes as the spec names them; None where one of them is not there."""
        there = dict(self.devices)
        wanted = attached_volumes(spec)
        if any(one.path not in there for one in wanted):
            return None
        volumes = [HostVolume(name=one.volume.name, volume_id=there[one.path]) for one in wanted]
        return tuple(sorted(volumes, key=lambda volume: (volume.name != SHARE, volume.name)))

    @property
    def host(self) -> Host:
        """The host that it is; without a private address while it has none."""
        return Host(
            name=self.node,
            role=self.role,
            group=group_of(self.node),
            instance_id=self.instance_id,
            private_ip=self.private_ip or "",
            public_ip=self.public_ip,
        )


def instances(cloud: Cloud, cluster: str | None = None) -> tuple[InstanceState, ...]:
    """All instances of one cluster, or of all clusters, that are not terminated; the head first."""
    filters: list[FilterTypeDef] = [{"Name": "instance-state-name", "Values": list(ALIVE)}]
    if cluster is None:
        filters.append({"Name": "tag-key", "Values": [CLUSTER_TAG]})
    else:
        filters.append({"Name": f"tag:{CLUSTER_TAG}", "Values": [cluster]})
    return _described(cloud, filters)


def instances_of(cloud: Cloud, cluster_id: str) -> tuple[InstanceState, ...]:
    """The instances of the one cluster that carries this id, whatever others had its name; the head first."""
    return _described(
        cloud,
        [
            {"Name": "instance-state-name", "Values": list(ALIVE)},
            {"Name": f"tag:{ID_TAG}", "Values": [cluster_id]},
        ],
    )


def dying(cloud: Cloud, cluster_id: str) -> bool:
    """Does an instance of the cluster shut down for good at this moment? It holds its address until it has."""
    filters: list[FilterTypeDef] = [
        {"Name": "instance-state-name", "Values": ["shutting-down"]},
        {"Name": f"tag:{ID_TAG}", "Values": [cluster_id]},
    ]
    return bool(_described(cloud, filters))


def _described(cloud: Cloud, filters: list[FilterTypeDef]) -> tuple[InstanceState, ...]:
    with explained(cloud, "describe the instances"):
        pages = ec2(cloud).get_paginator("describe_instances").paginate(Filters=filters)
        found = [
            _state(instance)
            for page in pages
            for reservation in page["Reservations"]
            for instance in reservation["Instances"]
        ]
    return tuple(sorted(found, key=lambda one: (one.cluster, one.role is not Role.HEAD, one.node)))


def tags_of(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """EC2's list of keys and values as a mapping."""
    return {tag["Key"]: tag["Value"] for tag in tags}


def _state(instance: InstanceTypeDef) -> InstanceState:
    tags = tags_of(instance.get("Tags", ()))  # type: ignore[arg-type]
    node = tags.get(NODE_TAG, "")
    volumes = {
        device["DeviceName"]: device["Ebs"]["VolumeId"]
        for device in instance.get("BlockDeviceMappings", ())
        if device.get("Ebs", {}).get("VolumeId")
    }
    return InstanceState(
        instance_id=instance["InstanceId"],
        name=tags.get("Name", ""),
        cluster=tags.get(CLUSTER_TAG, ""),
        cluster_id=tags.get(ID_TAG, ""),
        node=node,
        role=Role.HEAD if node == HEAD else Role.COMPUTE,
        state=instance["State"]["Name"],
        instance_type=instance["InstanceType"],
        zone=instance["Placement"]["AvailabilityZone"],
        private_ip=instance.get("PrivateIpAddress") or None,
        public_ip=instance.get("PublicIpAddress") or None,
        launch_time=instance["LaunchTime"],
        volumes=tuple(volumes.values()),
        share_volume=volumes.get(SHARE_DEVICE),
        owner=tags.get(OWNER_TAG, ""),
        host_key=tags.get(HOST_KEY_TAG),
        devices=tuple(volumes.items()),
        spot=instance.get("InstanceLifecycle") == "spot",
    )
