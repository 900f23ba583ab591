"""EBS volumes of one region: what EC2 allows, and the disks behind them."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import EC2Backend

from hpcctl.sandbox.api.blockdevices import PROVISIONED
from hpcctl.sandbox.api.errors import client_error, incorrect_state

_GP3_THROUGHPUT = 125
_LEAST_IOPS = 100


class Volumes(EC2Backend):
    """The part of the EC2 backend that volumes are. A mixin: see ``backend.SandboxEC2``."""

    fleet: Any
    _records_only: bool
    """Machines are not to hear of what is done now: a launch, whose machine starts with its disks."""

    def create_volume(self, *args: Any, **kwargs: Any) -> Any:
        """CreateVolume; gp3 has its throughput even if the request did not say so.

        Moto loses the IOPS of a launch on the way here; the launch puts them in afterwards.
        """
        if self._records_only and kwargs.get("volume_type") in PROVISIONED:
            kwargs.setdefault("iops", _LEAST_IOPS)
        volume = super().create_volume(*args, **kwargs)
        if volume.volume_type == "gp3" and not volume.throughput:
            volume.throughput = _GP3_THROUGHPUT
        return volume

    def attach_volume(
        self, volume_id: str, instance_id: str, device_path: str, delete_on_termination: bool = False
    ) -> Any:
        """AttachVolume: attaching, then attached."""
        if self._records_only:
            return super().attach_volume(volume_id, instance_id, device_path, delete_on_termination)
        volume, instance = self.get_volume(volume_id), self.get_instance(instance_id)
        _require_attachable(volume, instance, device_path)
        attachment = super().attach_volume(volume_id, instance_id, device_path, delete_on_termination)
        self.fleet.attach(instance, attachment)
        return attachment

    def detach_volume(self, volume_id: str, instance_id: str, device_path: str) -> Any:
        """DetachVolume: detaching, then detached."""
        volume = self.get_volume(volume_id)
        attachment = volume.attachment
        if attachment is None:
            message = f"Volume '{volume_id}' is in the 'available' state."
            raise client_error("IncorrectState", message)
        instance = attachment.instance
        if instance_id and instance_id != instance.id:
            message = f"The volume '{volume_id}' is not attached to instance '{instance_id}'"
            raise client_error("InvalidAttachment.NotFound", message)
        if attachment.device == instance.root_device_name and instance.state != "stopped":
            message = f"Unable to detach root volume '{volume_id}' from instance '{instance.id}'"
            raise client_error("OperationNotPermitted", message)
        if attachment.status != "detaching":
            forget = super().detach_volume
            self.fleet.detach(
                instance, attachment, lambda: forget(volume_id, instance.id, attachment.device) and None
            )
        return attachment

    def create_snapshot(self, volume_id: str, *args: Any, **kwargs: Any) -> Any:
        """CreateSnapshot: complete at once, with what the volume holds now."""
        snapshot = super().create_snapshot(volume_id, *args, **kwargs)
        if not kwargs.get("from_ami"):
            self.fleet.machines.snapshot(volume_id, snapshot.id)
        return snapshot

    def delete_snapshot(self, snapshot_id: str) -> Any:
        """DeleteSnapshot; volumes that were made from it stay whole."""
        snapshot = super().delete_snapshot(snapshot_id)
        self.fleet.machines.delete_snapshot(snapshot_id)
        return snapshot

    def delete_volume(self, volume_id: str) -> Any:
        """DeleteVolume, with what was written to it."""
        volume = super().delete_volume(volume_id)
        if not self._records_only:
            self.fleet.machines.delete_volume(volume_id)
        return volume


def _require_attachable(volume: Any, instance: Any, device: str) -> None:
    if volume.attachment is not None:
        message = f"{volume.id} is already attached to an instance"
        raise client_error("VolumeInUse", message)
    if instance.state not in ("running", "stopped"):
        raise incorrect_state(instance.id, "given a volume")
    if device in instance.block_device_mapping:
        message = f"Invalid value '{device}' for unixDevice. Attachment point {device} is already in use"
        raise client_error("InvalidParameterValue", message)
    zone = volume.availability_zone
    if zone != instance.placement.zone:
        message = f"The volume '{volume.id}' is not in the same availability zone as instance '{instance.id}'"
        raise client_error("InvalidVolume.ZoneMismatch", message)
