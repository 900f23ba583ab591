"""Moto's records of one instance: disks, addresses, and what goes when the instance goes."""

from __future__ import annotations

import ipaddress
import math
import time
from typing import Any

from hpcctl.sandbox.api.sockets import Sockets
from hpcctl.sandbox.model import Address, Disk, MachineSpec

_SHOWN_SECONDS = 3600
"""How long a terminated instance is still described."""

NODE_TAG = "hpcctl:node"


def node_of(instance: Any) -> str:
    """The name of the node that the instance is for, by its tag."""
    return next((tag["value"] for tag in instance.get_tags() if tag["key"] == NODE_TAG), "")


def machine_spec(instance: Any, sockets: Sockets, *, ssh_port: int) -> MachineSpec:
    """The instance as a machine."""
    nic = instance.nics[0]
    vpc = instance.ec2_backend.get_vpc(nic.subnet.vpc_id)
    prefix = ipaddress.ip_network(vpc.cidr_block).prefixlen
    root, others = disks(instance)
    return MachineSpec(
        instance_id=instance.id,
        image_id=instance.image_id,
        root_gib=root,
        private=Address(vpc_id=vpc.id, mac=nic.mac_address, ip=nic.private_ip_address, prefix_length=prefix),
        metadata_socket=sockets.metadata(instance.id),
        api_socket=sockets.api,
        public_ip=nic.public_ip,
        ssh_port=ssh_port,
        disks=others,
    )


def disks(instance: Any) -> tuple[int, tuple[Disk, ...]]:
    """The size of the root disk in GiB, and the volumes beside it."""
    volumes = instance.ec2_backend.volumes
    others = []
    root = 0
    for device, mapping in sorted(instance.block_device_mapping.items()):
        volume = volumes[mapping.volume_id]
        if device == instance.root_device_name:
            root = int(volume.size)
        else:
            others.append(disk_of(volume))
    return root, tuple(others)


def disk_of(volume: Any) -> Disk:
    """A volume as a machine's disk."""
    return Disk(volume_id=volume.id, gib=int(volume.size), snapshot_id=volume.snapshot_id or "")


def elastic_ip(instance: Any) -> str | None:
    """The Elastic IP of the instance's first card."""
    addresses = instance.ec2_backend.addresses
    return next((each.public_ip for each in addresses if each.eni is instance.nics[0]), None)


def leave_addresses(instance: Any) -> None:
    """A stopped instance has no public address but an Elastic one."""
    for nic in instance.nics.values():
        nic.public_ip = elastic_ip(instance) if nic is instance.nics[0] else None


def take_addresses(instance: Any) -> None:
    """A starting instance gets a new public address if it was launched with one and has no Elastic IP."""
    nic = instance.nics[0]
    if elastic_ip(instance) is None:
        nic.check_auto_public_ip()


def release(instance: Any) -> tuple[str, ...]:
    """Give back cards, addresses and volumes of a terminated instance. Returns the volumes that are deleted."""
    backend = instance.ec2_backend
    instance.gone_since = time.monotonic()
    for address in backend.addresses:
        if address.instance is instance or address.eni in instance.nics.values():
            address.instance = address.eni = address.association_id = None
    for nic in instance.nics.values():
        nic.public_ip = None
        if nic.delete_on_termination and nic.id in backend.enis:
            nic.delete()
    association = backend.iam_instance_profile_associations.get(instance.id)
    if association:
        backend.disassociate_iam_instance_profile(association_id=association.association_id)
    return _release_volumes(instance)


def forget_gone(backend: Any, *, now: float) -> tuple[str, ...]:
    """Drop instances that were terminated an hour ago, as EC2 does; their ids."""
    forgotten: list[str] = []
    for reservation in list(backend.reservations.values()):
        if all(
            now - getattr(each, "gone_since", math.inf) > _SHOWN_SECONDS for each in reservation.instances
        ):
            del backend.reservations[reservation.id]
            forgotten.extend(each.id for each in reservation.instances)
    return tuple(forgotten)


def _release_volumes(instance: Any) -> tuple[str, ...]:
    backend = instance.ec2_backend
    deleted = []
    for mapping in instance.block_device_mapping.values():
        volume = backend.volumes.get(mapping.volume_id)
        if volume is None:
            continue
        volume.attachment = None
        if mapping.delete_on_termination:
            del backend.volumes[volume.id]
            deleted.append(volume.id)
    instance.block_device_mapping.clear()
    return tuple(deleted)
