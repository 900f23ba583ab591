"""One RunInstances request: checked by EC2's rules, completed by EC2's defaults."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS

from hpcctl.sandbox.api.errors import client_error
from hpcctl.sandbox.api.quotas import require_vcpus
from hpcctl.sandbox.api.records import NODE_TAG
from hpcctl.sandbox.api.spot import SpotWish, require_price


@dataclass(frozen=True, kw_only=True)
class LaunchRequest:
    """A request that EC2 would accept. ``arguments`` are for moto's ``run_instances``; ``spot`` is None on demand."""

    image_id: str
    count: int
    instance_type: str
    zone: str
    arguments: dict[str, Any]
    spot: SpotWish | None = None

    @property
    def node(self) -> str:
        """The name of the node that it is for, by its tag."""
        return str(self.arguments.get("tags", {}).get("instance", {}).get(NODE_TAG, ""))

    def finish(self, instance: Any) -> None:
        """Complete what moto made of the request, to what EC2 would have made of it."""
        for nic in instance.nics.values():
            if nic.description == "Primary network interface":
                nic.description = ""
        if not any(spec.get("NetworkInterfaceId") for spec in self.arguments["nics"]):
            instance.nics[0].delete_on_termination = self._card().get("DeleteOnTermination", True)
        instance.security_groups = list(instance.nics[0].group_set)
        self._finish_volumes(instance)

    def _card(self) -> dict[str, Any]:
        nics = self.arguments["nics"]
        return dict(next((nic for nic in nics if int(nic.get("DeviceIndex", 0)) == 0), {}))

    def _finish_volumes(self, instance: Any) -> None:
        wanted = {each["DeviceName"]: each["Ebs"] for each in self.arguments["block_device_mappings"]}
        for device, mapping in instance.block_device_mapping.items():
            volume = instance.ec2_backend.volumes[mapping.volume_id]
            volume.iops = wanted[device].get("Iops") or volume.iops
            volume.throughput = wanted[device].get("Throughput") or volume.throughput


def checked(backend: Any, image_id: str, count: int, kwargs: dict[str, Any]) -> LaunchRequest:
    """The request, or the error that EC2 would answer with."""
    if not image_id:
        raise client_error("MissingParameter", "The request must contain the parameter ImageId")
    backend.describe_images(ami_ids=[image_id])
    if kwargs.get("key_name"):
        _require_key(backend, kwargs["key_name"])
    subnet = _subnet(backend, kwargs)
    arguments = {**kwargs, "placement": None, "instance_market_options": None, **_network(kwargs, subnet)}
    _require_offered(backend, kwargs["instance_type"], subnet.availability_zone)
    spot = SpotWish.of(kwargs.get("instance_market_options"))
    require_vcpus(backend, kwargs["instance_type"], count, spot=spot is not None)
    _require_address(subnet, kwargs, count)
    if spot:
        require_price(spot, kwargs["instance_type"], subnet.availability_zone)
    return LaunchRequest(
        image_id=image_id,
        count=count,
        instance_type=kwargs["instance_type"],
        zone=subnet.availability_zone,
        arguments=arguments,
        spot=spot,
    )


def _require_key(backend: Any, name: str) -> None:
    if name not in backend.key_pairs:
        raise client_error("InvalidKeyPair.NotFound", f"The key pair '{name}' does not exist")


def _subnet(backend: Any, kwargs: dict[str, Any]) -> Any:
    """The subnet of the request's first card, else the zone's default subnet."""
    named = kwargs.get("subnet_id") or next(
        (nic["SubnetId"] for nic in kwargs["nics"] if "SubnetId" in nic), None
    )
    if named:
        return backend.get_subnet(named)
    existing = next(
        (nic["NetworkInterfaceId"] for nic in kwargs["nics"] if "NetworkInterfaceId" in nic), None
    )
    if existing:
        return backend.get_network_interface(existing).subnet
    return _default_subnet(backend, kwargs.get("placement"))


def _default_subnet(backend: Any, zone: str | None) -> Any:
    defaults = backend.get_default_subnets()
    if not defaults:
        message = "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC."
        raise client_error("VPCIdNotSpecified", message)
    if zone and zone not in defaults:
        raise client_error("InvalidParameterValue", f"Invalid availability zone: [{zone}]")
    return defaults[zone or min(defaults)]


def _network(kwargs: dict[str, Any], subnet: Any) -> dict[str, Any]:
    if not kwargs["nics"]:
        return {"subnet_id": subnet.id}
    nics = [{"DeviceIndex": 0, **nic} for nic in kwargs["nics"]]
    for nic in nics:
        if not {"SubnetId", "NetworkInterfaceId"} & nic.keys():
            nic["SubnetId"] = subnet.id
    return {"nics": nics}


def _require_offered(backend: Any, instance_type: str, zone: str) -> None:
    backend.describe_instance_types([instance_type])
    offers = INSTANCE_TYPE_OFFERINGS["availability-zone"].get(backend.region_name, [])
    if not any(offer["Location"] == zone and offer["InstanceType"] == instance_type for offer in offers):
        message = (
            f"Your requested instance type ({instance_type}) is not supported in your requested Availability Zone "
            f"({zone}). Please retry your request by not specifying an Availability Zone or choosing another one."
        )
        raise client_error("Unsupported", message)


def _require_address(subnet: Any, kwargs: dict[str, Any], count: int) -> None:
    first: dict[str, Any] = next((nic for nic in kwargs["nics"] if int(nic.get("DeviceIndex", 0)) == 0), {})
    address = kwargs.get("private_ip") or first.get("PrivateIpAddress")
    if not address:
        return
    if count > 1:
        message = "You may specify only one network interface's private IP address for more than one instance"
        raise client_error("InvalidParameterCombination", message)
    if ipaddress.ip_address(address) not in subnet.cidr:
        message = f"Address {address} does not fall within the subnet's address range"
        raise client_error("InvalidParameterValue", message)
    if ipaddress.ip_address(address) in _reserved(subnet.cidr):
        message = f"Address {address} is in subnet's reserved address range"
        raise client_error("InvalidParameterValue", message)
    if address in subnet._subnet_ips:
        raise client_error("InvalidIPAddress.InUse", f"Address {address} is in use.")


def _reserved(network: Any) -> tuple[Any, ...]:
    return (*(network.network_address + number for number in range(4)), network.broadcast_address)
