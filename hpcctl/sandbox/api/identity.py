"""What an instance is told about itself: read once from the API's records, frozen."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from hpcctl.sandbox.api.spot import is_spot


@dataclass(frozen=True, kw_only=True)
class Role:
    """The role of the instance's profile."""

    name: str
    profile_arn: str
    profile_id: str


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Everything that the metadata service answers with."""

    account: str
    instance_id: str
    image_id: str
    instance_type: str
    region: str
    zone: str
    zone_id: str
    reservation_id: str
    launch_index: int
    launched: str
    private_ip: str
    private_name: str
    public_ip: str | None
    public_name: str
    mac: str
    interface_id: str
    subnet_id: str
    subnet_cidr: str
    vpc_id: str
    vpc_cidr: str
    groups: tuple[tuple[str, str], ...]
    """(id, name) of each security group."""
    key_name: str | None
    public_key: str | None
    user_data: bytes | None
    role: Role | None
    devices: tuple[tuple[str, str], ...]
    """(virtual name, device) as in block-device-mapping/."""
    tags: tuple[tuple[str, str], ...]
    """Empty unless the instance was asked to show its tags."""
    active_keys: tuple[tuple[str, str], ...]
    """(user, text) of keys from EC2 Instance Connect."""
    enabled: bool
    token_required: bool
    life_cycle: str = "on-demand"


def identity_of(instance: Any) -> Identity:
    """What ``instance`` (moto's record) is at this moment."""
    backend, options, nic = instance.ec2_backend, instance.metadata_options, instance.nics[0]
    vpc = backend.get_vpc(nic.subnet.vpc_id)
    key = backend.key_pairs.get(instance.key_name)
    shown = options.instance_metadata_tags == "enabled"
    return Identity(
        account=backend.account_id,
        instance_id=instance.id,
        image_id=instance.image_id,
        instance_type=instance.instance_type,
        region=backend.region_name,
        zone=instance.placement.zone,
        zone_id=backend.get_zone_by_name(instance.placement.zone).zone_id,
        reservation_id=_reservation_of(instance),
        launch_index=int(instance.ami_launch_index),
        launched=instance.launch_time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        private_ip=nic.private_ip_address,
        private_name=instance.private_dns_name,
        public_ip=nic.public_ip,
        public_name=instance.public_dns_name or "",
        mac=nic.mac_address,
        interface_id=nic.id,
        subnet_id=nic.subnet.id,
        subnet_cidr=nic.subnet.cidr_block,
        vpc_id=vpc.id,
        vpc_cidr=vpc.cidr_block,
        groups=tuple(sorted((group.id, group.name) for group in nic.group_set)),
        key_name=instance.key_name,
        public_key=key.public_key.strip() if key else None,
        user_data=base64.b64decode(str(instance.user_data)) if instance.user_data else None,
        role=_role_of(instance),
        devices=_devices_of(instance),
        tags=tuple((tag["key"], tag["value"]) for tag in instance.get_tags()) if shown else (),
        active_keys=backend.fleet.sent_keys.active(instance.id),
        enabled=options.http_endpoint != "disabled",
        token_required=options.http_tokens == "required",
        life_cycle="spot" if is_spot(instance) else "on-demand",
    )


def _reservation_of(instance: Any) -> str:
    reservations = instance.ec2_backend.reservations.values()
    return next((each.id for each in reservations if instance in each.instances), "")


def _role_of(instance: Any) -> Role | None:
    association = instance.ec2_backend.iam_instance_profile_associations.get(instance.id)
    profile = association.iam_instance_profile if association else None
    if profile is None or not profile.roles:
        return None
    return Role(name=profile.roles[0].name, profile_arn=profile.arn, profile_id=profile.id)


def _devices_of(instance: Any) -> tuple[tuple[str, str], ...]:
    others = sorted(set(instance.block_device_mapping) - {instance.root_device_name})
    named = [(f"ebs{number}", device) for number, device in enumerate(others, start=1)]
    return (("ami", instance.root_device_name), *named, ("root", instance.root_device_name))
