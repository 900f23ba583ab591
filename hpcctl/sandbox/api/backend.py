"""EC2 of one region: moto's records, EC2's rules where moto is lenient, machines behind the instances."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import moto.ec2.urls
from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance, InstanceState, Reservation

from hpcctl.sandbox.api import images, records
from hpcctl.sandbox.api.blockdevices import RootDevice
from hpcctl.sandbox.api.defaultvpc import open_default_vpc
from hpcctl.sandbox.api.errors import client_error, incorrect_state, no_capacity
from hpcctl.sandbox.api.fleet import Fleet
from hpcctl.sandbox.api.launch import LaunchRequest, checked
from hpcctl.sandbox.api.placement import PlacementGroups
from hpcctl.sandbox.api.spot import SpotRequests, require_stoppable
from hpcctl.sandbox.api.templates import LaunchTemplates
from hpcctl.sandbox.api.volumes import Volumes
from hpcctl.sandbox.faults import Fault, FaultKind

_OVER = ("terminated", "shutting-down")
Change = tuple[Instance, InstanceState]


class SandboxEC2(LaunchTemplates, SpotRequests, Volumes, PlacementGroups, EC2Backend):
    """The EC2 backend of the sandbox. Called with the fleet's lock held."""

    _url_module = moto.ec2.urls

    def __init__(self, region_name: str, account_id: str, *, fleet: Fleet) -> None:
        self.fleet = fleet
        self._records_only = True
        self._by_token: dict[str, Reservation] = {}
        PlacementGroups.__init__(self)
        EC2Backend.__init__(self, region_name, account_id)
        images.register(self)
        open_default_vpc(self)
        self._records_only = False

    def root_device(self, image_id: str) -> RootDevice:
        """The image's root device. Error: InvalidAMIID.NotFound."""
        image = self.describe_images(ami_ids=[image_id])[0]
        size = image.block_device_mappings[0]["Ebs"]["VolumeSize"]
        return RootDevice(name=image.root_device_name, gib=size)

    def run_instances(
        self, image_id: str, count: int, user_data: Any, security_group_names: list[str], **kwargs: Any
    ) -> Reservation:
        """RunInstances: everything is checked first, so that nothing is left behind when it is refused."""
        for forgotten in records.forget_gone(self, now=time.monotonic()):
            self.fleet.forget(forgotten)
        token = kwargs.get("client_token")
        if token in self._by_token:
            return self._by_token[token]
        request = checked(self, image_id, count, kwargs)
        self._require_capacity(request.instance_type, request.zone, node=request.node)
        if request.spot:
            self._require_spot(request)
        reservation = self._create(request, user_data, security_group_names)
        if token and token != _NO_TOKEN:
            self._by_token[token] = reservation
        for instance in reservation.instances:
            self.fleet.launch(instance)
        return reservation

    def start_instances(self, instance_ids: list[str]) -> list[Change]:
        """StartInstances: pending, with a new public address unless an Elastic IP is there."""
        instances = self.get_multi_instances_by_id(instance_ids)
        for instance in instances:
            if instance.state not in ("stopped", "pending", "running"):
                raise incorrect_state(instance.id, "started")
            if instance.state == "stopped":
                zone = str(instance.placement.zone)
                self._require_capacity(instance.instance_type, zone, node=records.node_of(instance))
        return [self._changed(instance, self._start) for instance in instances]

    def stop_instances(self, instance_ids: list[str], *, force: bool = False) -> list[Change]:
        """StopInstances: stopping, then stopped."""
        instances = self.get_multi_instances_by_id(instance_ids)
        for instance in instances:
            if instance.state not in ("running", "stopping", "stopped"):
                raise incorrect_state(instance.id, "stopped")
            require_stoppable(instance)
            if instance.disable_api_stop:
                message = (
                    f"The instance '{instance.id}' may not be stopped. Modify its 'disableApiStop' attribute."
                )
                raise client_error("OperationNotPermitted", message)
        return [self._changed(instance, lambda each: self._stop(each, force)) for instance in instances]

    def reboot_instances(self, instance_ids: list[str]) -> list[Instance]:
        """RebootInstances."""
        instances = self.get_multi_instances_by_id(instance_ids)
        for instance in instances:
            if instance.state != "running":
                raise incorrect_state(instance.id, "rebooted")
        for instance in instances:
            self.fleet.reboot(instance)
        return instances

    def terminate_instances(self, instance_ids: list[str]) -> list[Change]:
        """TerminateInstances: shutting-down, then terminated."""
        if not instance_ids:
            raise client_error("InvalidParameterCombination", "No instances specified")
        instances = self.get_multi_instances_by_id(instance_ids)
        for instance in instances:
            if instance.disable_api_termination:
                message = (
                    f"The instance '{instance.id}' may not be terminated. Modify its 'disableApiTermination' "
                    "instance attribute and try again."
                )
                raise client_error("OperationNotPermitted", message)
        return [self._changed(instance, self._terminate) for instance in instances]

    def associate_address(self, *args: Any, **kwargs: Any) -> Any:
        """AssociateAddress; the machine is reached there from now on."""
        address = super().associate_address(*args, **kwargs)
        instance, eni = kwargs.get("instance"), kwargs.get("eni")
        target = instance or (eni.instance if eni else None)
        if target is not None:
            address.instance = target
            self._readdress(target)
        return address

    def disassociate_address(self, address: str | None = None, association_id: str | None = None) -> None:
        """DisassociateAddress; an instance launched with a public address gets another one."""
        found = (
            self.address_by_ip([address]) if address else self.address_by_association([association_id or ""])
        )
        instance = found[0].instance
        super().disassociate_address(address=found[0].public_ip)
        if instance is not None:
            self._readdress(instance)

    def _create(self, request: LaunchRequest, user_data: Any, groups: Sequence[str]) -> Reservation:
        known = set(self.reservations)
        self._records_only = True
        try:
            reservation = super().run_instances(
                request.image_id, request.count, user_data, list(groups), **request.arguments
            )
        except Exception:
            for reservation_id in set(self.reservations) - known:
                for instance in self.reservations.pop(reservation_id).instances:
                    records.release(instance)
            raise
        finally:
            self._records_only = False
        for instance in reservation.instances:
            request.finish(instance)
        if request.spot:
            tags = request.arguments.get("tags", {}).get("spot-instances-request", {})
            self.request_spot(request.spot, reservation.instances, tags)
        return reservation

    def _require_capacity(self, instance_type: str, zone: str, *, node: str) -> None:
        event = Fault(kind=FaultKind.CAPACITY, zone=zone, instance_type=instance_type, node=node)
        if self.fleet.faults.happens(event):
            raise no_capacity(instance_type, zone)

    def _require_spot(self, request: LaunchRequest) -> None:
        event = Fault(
            kind=FaultKind.NO_SPOT, zone=request.zone, instance_type=request.instance_type, node=request.node
        )
        if self.fleet.faults.happens(event):
            raise no_capacity(request.instance_type, request.zone)

    def _changed(self, instance: Instance, change: Any) -> Change:
        previous = instance.instance_state
        change(instance)
        return instance, previous

    def _start(self, instance: Instance) -> None:
        if instance.state == "stopped":
            records.take_addresses(instance)
            self.fleet.launch(instance, previous="stopped")

    def _stop(self, instance: Instance, force: bool) -> None:
        if instance.state == "running":
            self.fleet.stop(instance, force=force)

    def _terminate(self, instance: Instance) -> None:
        if instance.state not in _OVER:
            self.fleet.terminate(instance)

    def _readdress(self, instance: Any) -> None:
        if instance.state in ("pending", "running"):
            self.fleet.readdress(instance)


_NO_TOKEN = "ABCDE"
"""What moto puts where a request has no client token."""
