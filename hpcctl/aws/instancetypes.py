"""Instance types: what one is, and in which zones it can be had. Facts come from the API, not from lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpcctl.aws.session import ec2, explained
from hpcctl.errors import CloudError, Problem, SpecError
from hpcctl.nearest import did_you_mean
from hpcctl.spec.model import Cloud, InstanceFacts

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import InstanceTypeInfoTypeDef

ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}
"""EC2's names of the architectures that hpcctl can use, and Debian's names of the same."""


def instance_facts(cloud: Cloud, name: str, *, where: str = "TYPE") -> InstanceFacts:
    """What the type is. SpecError (of the field ``where``) with the nearest names where there is no such type."""
    try:
        with explained(cloud, f"describe the instance type {name}"):
            found = ec2(cloud).describe_instance_types(InstanceTypes=[name])["InstanceTypes"]  # type: ignore[list-item]
    except CloudError as error:
        if error.code not in ("InvalidInstanceType", "InvalidParameterValue"):
            raise
        found = []
    if not found:
        raise SpecError([_unknown(cloud, name, where)])
    return _facts(found[0])


def offerings(cloud: Cloud, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """For each type the zones of the region in which it is offered."""
    with explained(cloud, f"look where {', '.join(names)} can be had"):
        pages = (
            ec2(cloud)
            .get_paginator("describe_instance_type_offerings")
            .paginate(
                LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": list(names)}]
            )
        )
        offers = [offer for page in pages for offer in page["InstanceTypeOfferings"]]
    return {
        name: tuple(sorted(offer["Location"] for offer in offers if offer["InstanceType"] == name))
        for name in names
    }


def available_zones(cloud: Cloud) -> tuple[str, ...]:
    """The zones of the region that the account may use."""
    with explained(cloud, "list the zones"):
        found = ec2(cloud).describe_availability_zones(Filters=[{"Name": "state", "Values": ["available"]}])
    usable = (
        zone["ZoneName"]
        for zone in found["AvailabilityZones"]
        if zone.get("OptInStatus", "opt-in-not-required") != "not-opted-in"
    )
    return tuple(sorted(usable))


def usable_zones(cloud: Cloud, names: Sequence[str]) -> tuple[str, ...]:
    """The zones that the account may use and in which all these types are offered."""
    offered = offerings(cloud, names)
    return tuple(zone for zone in available_zones(cloud) if all(zone in offered[name] for name in names))


def _facts(info: InstanceTypeInfoTypeDef) -> InstanceFacts:
    supported = info["ProcessorInfo"]["SupportedArchitectures"]
    architecture = next((one for one in ARCHITECTURES if one in supported), ", ".join(supported))
    strategies = info.get("PlacementGroupInfo", {}).get("SupportedStrategies", ())
    return InstanceFacts(
        name=info["InstanceType"],
        vcpus=info["VCpuInfo"]["DefaultVCpus"],
        memory_mib=info["MemoryInfo"]["SizeInMiB"],
        architecture=architecture,
        cluster_placement="cluster" in strategies,
        cores=info["VCpuInfo"].get("DefaultCores", 0),
        threads_per_core=info["VCpuInfo"].get("DefaultThreadsPerCore", 1),
        efa=info["NetworkInfo"].get("EfaSupported", False),
        network=info["NetworkInfo"].get("NetworkPerformance", ""),
    )


def _unknown(cloud: Cloud, name: str, where: str) -> Problem:
    with explained(cloud, "list the instance types"):
        pages = ec2(cloud).get_paginator("describe_instance_types").paginate()
        names = [info["InstanceType"] for page in pages for info in page["InstanceTypes"]]
    return Problem(
        where=where,
        what=f"there is no instance type {name!r} in {cloud.region}",
        hint=did_you_mean(name, names, otherwise="such as c5.xlarge"),
    )
