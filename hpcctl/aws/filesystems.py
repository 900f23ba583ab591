"""EFS file systems that a cluster names: are they there, and where can they be mounted."""

from __future__ import annotations

from dataclasses import dataclass

from hpcctl.aws.findings import Findings
from hpcctl.aws.session import efs, explained
from hpcctl.errors import CloudError
from hpcctl.spec.fields import of_efs
from hpcctl.spec.model import Cloud, ClusterSpec, MountTarget


@dataclass(frozen=True, kw_only=True)
class Door:
    """A mount target: where nodes of one zone and VPC reach a file system."""

    zone: str
    vpc_id: str
    address: str


@dataclass(frozen=True, kw_only=True)
class PresentEfs:
    """A file system; ``doors`` are its mount targets that work. Not ``exists``: there is none."""

    file_system_id: str
    exists: bool
    doors: tuple[Door, ...] = ()


def present_efs(cloud: Cloud, file_system_id: str) -> PresentEfs:
    """What there is of it: one call."""
    try:
        with explained(cloud, f"list the mount targets of {file_system_id}"):
            found = efs(cloud).describe_mount_targets(FileSystemId=file_system_id)["MountTargets"]
    except CloudError as error:
        if error.code != "FileSystemNotFound":
            raise
        return PresentEfs(file_system_id=file_system_id, exists=False)
    doors = (
        Door(
            zone=target.get("AvailabilityZoneName", ""),
            vpc_id=target.get("VpcId", ""),
            address=target.get("IpAddress", ""),
        )
        for target in found
        if target["LifeCycleState"] == "available"
    )
    return PresentEfs(file_system_id=file_system_id, exists=True, doors=tuple(doors))


def check_efs(
    spec: ClusterSpec, present: dict[str, PresentEfs], vpc_id: str | None, findings: Findings
) -> tuple[str, ...] | None:
    """The zones in which all file systems of the cluster can be mounted; None where that does not matter.

    ``vpc_id`` is where the nodes will stand, None while there is no such VPC.
    """
    zones: set[str] | None = None
    for one in spec.efs:
        found = present.get(one.file_system_id)
        if found is None:  # it could not be asked
            continue
        where = of_efs(one)
        if not found.exists:
            what = f"there is no EFS file system {one.file_system_id} here"
            findings.problem(where, what, "file systems belong to one region and account")
            continue
        here = {door.zone for door in found.doors if door.vpc_id == vpc_id}
        if not here:
            findings.problem(where, *_out_of_reach(found, vpc_id))
            continue
        zones = here if zones is None else zones & here
    return None if zones is None else tuple(sorted(zones))


def mount_targets(
    spec: ClusterSpec, present: dict[str, PresentEfs], vpc_id: str | None, zone: str
) -> tuple[MountTarget, ...]:
    """For each file system the address in the zone."""
    found = []
    for one in spec.efs:
        known = present.get(one.file_system_id)
        doors = known.doors if known else ()
        address = next((door.address for door in doors if (door.zone, door.vpc_id) == (zone, vpc_id)), None)
        if address:
            found.append(MountTarget(file_system_id=one.file_system_id, address=address))
    return tuple(found)


def _out_of_reach(found: PresentEfs, vpc_id: str | None) -> tuple[str, str]:
    name, vpcs = found.file_system_id, sorted({door.vpc_id for door in found.doors})
    if not vpcs:
        return (f"the file system {name} has no mount target", "make one in the zone and VPC of the cluster")
    what = f"the file system {name} can be mounted in {', '.join(vpcs)} only"
    if vpc_id is None:
        return (
            what,
            "hpcctl's own network is not made yet: name a subnet of that VPC in network { subnet = … }",
        )
    return (what, f"the nodes stand in {vpc_id}: name a subnet of the other VPC, or make a mount target here")
