"""Instance types: what one is, and in which zones it can be had. Facts come from the API, not from lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpcctl.aws.session import ec2, explained
from hpcctl.errors import Problem
from hpcctl.nearest import did_you_mean
from hpcctl.spec.model import Cloud, InstanceFacts

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import InstanceTypeInfoTypeDef

ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}
"""EC2's names of the architectures that hpcctl can use, and Debian's names of the same."""


@dataclass(frozen=True, kw_only=True)
class TypeAnswer:
    """A type, and what may be asked of it.

    ``one_thread``: hyper-threading can be off (or there is none); ``spot``: it can be had as spot capacity.
    """

    facts: InstanceFacts
    one_thread: bool
    spot: bool


def described(cloud: Cloud, names: Sequence[str]) -> dict[str, TypeAnswer]:
    """Of these types those that there are, in the order of the names, by one question."""
    with explained(cloud, f"describe the instance types {', '.join(names)}"):
        pages = ec2(cloud).get_paginator("describe_instance_types")
        found = [
            info
            for page in pages.paginate(Filters=[{"Name": "instance-type", "Values": list(names)}])
            for info in page["InstanceTypes"]
        ]
    answers = {info["InstanceType"]: _answer(info) for info in found}
    return {name: answers[name] for name in names if name in answers}


def unknown_type(name: str, names: Sequence[str], *, where: str, region: str) -> Problem:
    """The problem of a type that does not exist, with the nearest of those that do."""
    return Problem(
        where=where,
        what=f"there is no instance type {name!r} in {region}",
        hint=did_you_mean(name, names, otherwise="such as c5.xlarge"),
    )


def all_names(cloud: Cloud) -> tuple[str, ...]:
    """The names of all types of the region: several pages."""
    with explained(cloud, "list the instance types"):
        pages = ec2(cloud).get_paginator("describe_instance_types").paginate()
        return tuple(info["InstanceType"] for page in pages for info in page["InstanceTypes"])


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


def _answer(info: InstanceTypeInfoTypeDef) -> TypeAnswer:
    cpus = info["VCpuInfo"]
    threads = cpus.get("DefaultThreadsPerCore", 1)
    return TypeAnswer(
        facts=_facts(info),
        one_thread=threads == 1 or 1 in cpus.get("ValidThreadsPerCore", ()),
        spot="spot" in info.get("SupportedUsageClasses", ("spot",)),
    )


def _facts(info: InstanceTypeInfoTypeDef) -> InstanceFacts:
    supported = info["ProcessorInfo"]["SupportedArchitectures"]
    architecture = next((one for one in ARCHITECTURES if one in supported), ", ".join(supported))
    strategies = info.get("PlacementGroupInfo", {}).get("SupportedStrategies", ())
    network = info.get("NetworkInfo", {})
    return InstanceFacts(
        name=info["InstanceType"],
        vcpus=info["VCpuInfo"]["DefaultVCpus"],
        memory_mib=info["MemoryInfo"]["SizeInMiB"],
        architecture=architecture,
        cluster_placement="cluster" in strategies,
        cores=info["VCpuInfo"].get("DefaultCores", 0),
        threads_per_core=info["VCpuInfo"].get("DefaultThreadsPerCore", 1),
        efa=network.get("EfaSupported", False),
        network=network.get("NetworkPerformance", ""),
    )
