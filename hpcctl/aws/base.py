"""The base that clusters of one account and region share, found again by its tags, and its free addresses."""

from __future__ import annotations

import ipaddress
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpcctl.aws.session import ec2, explained, iam, s3
from hpcctl.aws.states import tags_of
from hpcctl.errors import CloudError, Problem, SpecError
from hpcctl.spec.model import Base, Cloud

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef, SubnetTypeDef, VpcTypeDef
    from mypy_boto3_iam import IAMClient

BASE_TAG = "hpcctl:base"
BUCKET_TAG = "hpcctl:bucket"
INSTANCE_PROFILE_TAG = "hpcctl:instance-profile"
RESERVED_FIRST = 4  # the network itself, the router, DNS, and one that AWS keeps for the future


def find_base(cloud: Cloud, zone: str) -> Base | None:
    """The base with its subnet in ``zone``, or None where there is no base. SpecError: not in this zone."""
    tagged: list[FilterTypeDef] = [{"Name": "tag-key", "Values": [BASE_TAG]}]
    with ThreadPoolExecutor(2) as pool, explained(cloud, "look for the base"):
        client = ec2(cloud)
        vpcs = pool.submit(lambda: client.describe_vpcs(Filters=tagged)["Vpcs"])
        subnets = pool.submit(lambda: client.describe_subnets(Filters=tagged)["Subnets"])
        named = sorted(filter(_is_complete, vpcs.result()), key=lambda vpc: vpc["VpcId"])
        made = subnets.result()
    # Subnets are made last. Where there is none, making the base was interrupted; its Terraform folder finishes it.
    for vpc in named:
        inside = [subnet for subnet in made if subnet["VpcId"] == vpc["VpcId"]]
        if inside:
            return _base(vpc, _subnet(inside, zone))
    return None


def free_addresses(
    cloud: Cloud, base: Base, count: int, *, promised: Iterable[str] = (), seed: str = ""
) -> tuple[str, ...]:
    """``count`` private addresses of the subnet that nobody has and that are promised to nobody, in order.

    They start at a place that depends on ``seed`` (the cluster's name), so that two clusters which are made
    at the same moment on two machines hardly ever choose the same ones.
    """
    with explained(cloud, "look for free addresses"):
        pages = (
            ec2(cloud)
            .get_paginator("describe_network_interfaces")
            .paginate(Filters=[{"Name": "subnet-id", "Values": [base.subnet_id]}])
        )
        taken = {
            address["PrivateIpAddress"]
            for page in pages
            for interface in page["NetworkInterfaces"]
            for address in interface.get("PrivateIpAddresses", ())
        }
    free = pick_addresses(base.subnet_cidr, taken.union(promised), count, seed=seed)
    if len(free) < count:
        raise CloudError(
            f"the subnet {base.subnet_id} has {len(free)} free addresses, and {count} are needed",
            hint="choose another zone with --zone, or terminate clusters that are no longer used",
        )
    return free


def pick_addresses(cidr: str, taken: set[str], count: int, *, seed: str = "") -> tuple[str, ...]:
    """At most ``count`` addresses of a subnet that are neither taken nor AWS's own."""
    network = ipaddress.ip_network(cidr)
    usable = range(RESERVED_FIRST, network.num_addresses - 1)
    start = zlib.crc32(seed.encode()) % max(len(usable), 1) if seed else 0
    ordered = (str(network[usable[(start + offset) % len(usable)]]) for offset in range(len(usable)))
    free = (address for address in ordered if address not in taken)
    return tuple(address for address, _ in zip(free, range(count), strict=False))


@dataclass(frozen=True, kw_only=True)
class Leftovers:
    """What of a base outlived it: a bucket keeps its data, a role belongs to the account."""

    bucket_exists: bool
    role_exists: bool
    profile_exists: bool


def leftovers(cloud: Cloud, *, bucket: str, role: str) -> Leftovers:
    """Do the bucket, the role and its instance profile already exist, so that a new base takes them over?"""
    with ThreadPoolExecutor(3) as pool:
        has_bucket = pool.submit(bucket_exists, cloud, bucket)
        has_role = pool.submit(_iam_has, cloud, role, lambda client: client.get_role(RoleName=role))
        has_profile = pool.submit(
            _iam_has, cloud, role, lambda client: client.get_instance_profile(InstanceProfileName=role)
        )
        return Leftovers(
            bucket_exists=has_bucket.result(),
            role_exists=has_role.result(),
            profile_exists=has_profile.result(),
        )


def bucket_exists(cloud: Cloud, name: str) -> bool:
    """Is there a bucket of this name? CloudError if it is somebody else's."""
    try:
        with explained(cloud, f"look at the bucket {name}"):
            s3(cloud).head_bucket(Bucket=name)
    except CloudError as error:
        if error.code in ("404", "NoSuchBucket", "NotFound"):
            return False
        if error.code == "403":
            raise CloudError(
                f"the bucket {name} belongs to another account, or is closed to you", code=error.code
            ) from error
        raise
    return True


def _iam_has(cloud: Cloud, name: str, ask: Callable[[IAMClient], object]) -> bool:
    try:
        with explained(cloud, f"look at the role {name}"):
            ask(iam(cloud))
    except CloudError as error:
        if error.code in ("NoSuchEntity", "NoSuchEntityException"):
            return False
        raise
    return True


def _is_complete(vpc: VpcTypeDef) -> bool:
    """A VPC whose base was made to the end carries both names."""
    tags = tags_of(vpc.get("Tags", ()))  # type: ignore[arg-type]
    return bool(tags.get(BUCKET_TAG) and tags.get(INSTANCE_PROFILE_TAG))


def _subnet(subnets: list[SubnetTypeDef], zone: str) -> SubnetTypeDef:
    for subnet in subnets:
        if subnet["AvailabilityZone"] == zone:
            return subnet
    zones = ", ".join(sorted(subnet["AvailabilityZone"] for subnet in subnets)) or "none"
    raise SpecError(
        [Problem(where="--zone", what=f"the base has no subnet in {zone}", hint=f"it has them in: {zones}")]
    )


def _base(vpc: VpcTypeDef, subnet: SubnetTypeDef) -> Base:
    tags = tags_of(vpc.get("Tags", ()))  # type: ignore[arg-type]
    return Base(
        vpc_id=vpc["VpcId"],
        vpc_cidr=vpc["CidrBlock"],
        subnet_id=subnet["SubnetId"],
        subnet_cidr=subnet["CidrBlock"],
        zone=subnet["AvailabilityZone"],
        bucket=tags[BUCKET_TAG],
        instance_profile=tags[INSTANCE_PROFILE_TAG],
    )
