"""What clusters stand on, found again by tags and names, and its free addresses.

The network is hpcctl's own, which all clusters of one account and region share, or a subnet of the user's. So are the
bucket behind /permanent and the nodes' role.
"""

from __future__ import annotations

import ipaddress
import zlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hpcctl.aws.session import ec2, explained, iam, s3
from hpcctl.aws.sites import Site, site
from hpcctl.aws.states import tags_of
from hpcctl.errors import CloudError, Problem, SpecError
from hpcctl.spec.basenames import Part, base_bucket, base_role, needed_parts
from hpcctl.spec.model import Base, Cloud, ClusterSpec

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef, SubnetTypeDef, VpcTypeDef
    from mypy_boto3_iam import IAMClient

BASE_TAG = "hpcctl:base"
BUCKET_TAG = "hpcctl:bucket"
INSTANCE_PROFILE_TAG = "hpcctl:instance-profile"
RESERVED_FIRST = 4  # the network itself, the router, DNS, and one that AWS keeps for the future


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What there is for a cluster to stand on: all of it (``base``), or what of hpcctl's own is ``missing``."""

    base: Base | None
    missing: frozenset[Part] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A VPC with its subnet in one zone; ``tags`` are the VPC's, empty where it is the user's."""

    base: Base
    tags: Mapping[str, str] = field(default_factory=dict)


def find_base(cloud: Cloud, spec: ClusterSpec, *, account: str, zone: str) -> Standing:
    """What the nodes of the cluster use. SpecError: the network has no subnet in this zone."""
    ground = find_ground(cloud, zone) if not spec.network.subnet else _own_ground(cloud, spec.network.subnet)
    tags = ground.tags if ground else {}
    needed = needed_parts(spec) - {Part.NETWORK}
    bucket, profile = _names(spec, cloud, account, tags)
    missing = _lacking(cloud, _untold(needed, spec, tags), bucket=bucket, profile=profile)
    if ground is None:
        return Standing(base=None, missing=missing | {Part.NETWORK})
    if missing:
        return Standing(base=None, missing=missing)
    return Standing(base=replace(ground.base, bucket=bucket, instance_profile=profile))


def find_ground(cloud: Cloud, zone: str | None = None) -> Ground | None:
    """hpcctl's own network, with its subnet in ``zone`` (None: in any), or None where there is no such network.

    SpecError: it has none in this zone.
    """
    tagged: list[FilterTypeDef] = [{"Name": "tag-key", "Values": [BASE_TAG]}]
    with ThreadPoolExecutor(2) as pool, explained(cloud, "look for the base"):
        client = ec2(cloud)
        vpcs = pool.submit(lambda: client.describe_vpcs(Filters=tagged)["Vpcs"])
        subnets = pool.submit(lambda: client.describe_subnets(Filters=tagged)["Subnets"])
        named = sorted(vpcs.result(), key=lambda vpc: (not _names_all(vpc), vpc["VpcId"]))
        made = subnets.result()
    # Subnets are made last. Where there is none, making the base was interrupted; its Terraform folder finishes it.
    for vpc in named:
        inside = [subnet for subnet in made if subnet["VpcId"] == vpc["VpcId"]]
        if inside:
            return _ground(vpc, _subnet(inside, zone))
    return None


def base_on(cloud: Cloud, found: Site, *, profile: str | None) -> Base:
    """The base of machines that stand there with this profile; its bucket is what the VPC's tags say, if anything."""
    with explained(cloud, f"describe the VPC {found.vpc_id}"):
        vpc = ec2(cloud).describe_vpcs(VpcIds=[found.vpc_id])["Vpcs"][0]
    bucket = tags_of(vpc.get("Tags", ())).get(BUCKET_TAG)  # type: ignore[arg-type]
    return replace(_on_site(found), bucket=bucket, instance_profile=profile)


def has_s3_endpoint(cloud: Cloud, vpc_id: str) -> bool:
    """Do nodes without a public address reach S3 from this VPC?"""
    with explained(cloud, "describe the VPC's endpoints"):
        found = ec2(cloud).describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])
    return any(one["ServiceName"].endswith(".s3") for one in found["VpcEndpoints"])


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


def _own_ground(cloud: Cloud, subnet_id: str) -> Ground:
    return Ground(base=_on_site(site(cloud, subnet_id)))


def _on_site(found: Site) -> Base:
    return Base(
        vpc_id=found.vpc_id,
        vpc_cidr=found.vpc_cidr,
        subnet_id=found.subnet_id,
        subnet_cidr=found.subnet_cidr,
        zone=found.zone,
        nat=found.nat,
    )


def _names(
    spec: ClusterSpec, cloud: Cloud, account: str, tags: Mapping[str, str]
) -> tuple[str | None, str | None]:
    """Of the bucket and of the instance profile; None for what the cluster does not have."""
    if not spec.permanent:
        return None, spec.network.instance_profile
    bucket = spec.bucket or tags.get(BUCKET_TAG) or base_bucket(account, cloud.region)
    if spec.network.instance_profile:
        return bucket, spec.network.instance_profile
    shared = tags.get(INSTANCE_PROFILE_TAG) if not spec.bucket else None
    return bucket, shared or base_role(cloud.region, spec.bucket)


def _untold(needed: frozenset[Part], spec: ClusterSpec, tags: Mapping[str, str]) -> frozenset[Part]:
    """Of the parts those of which the tags of the VPC do not say that they were made."""
    told = set()
    if tags.get(BUCKET_TAG):
        told.add(Part.BUCKET)
    if tags.get(INSTANCE_PROFILE_TAG) and not spec.bucket:
        told.add(Part.ROLE)
    return needed - told


def _lacking(
    cloud: Cloud, parts: frozenset[Part], *, bucket: str | None, profile: str | None
) -> frozenset[Part]:
    """Those of the parts that do not exist. Who may not look at roles is told how to do without."""
    with ThreadPoolExecutor(2) as pool:
        questions = {}
        if Part.BUCKET in parts and bucket:
            questions[Part.BUCKET] = pool.submit(bucket_exists, cloud, bucket)
        if Part.ROLE in parts and profile:
            questions[Part.ROLE] = pool.submit(_has_profile, cloud, profile)
        return frozenset(part for part, answer in questions.items() if not answer.result())


def _has_profile(cloud: Cloud, name: str) -> bool:
    return _iam_has(cloud, name, lambda client: client.get_instance_profile(InstanceProfileName=name))


def _names_all(vpc: VpcTypeDef) -> bool:
    tags = tags_of(vpc.get("Tags", ()))  # type: ignore[arg-type]
    return bool(tags.get(BUCKET_TAG) and tags.get(INSTANCE_PROFILE_TAG))


def _subnet(subnets: list[SubnetTypeDef], zone: str | None) -> SubnetTypeDef:
    for subnet in sorted(subnets, key=lambda one: one["AvailabilityZone"]):
        if zone in (None, subnet["AvailabilityZone"]):
            return subnet
    zones = ", ".join(sorted(subnet["AvailabilityZone"] for subnet in subnets)) or "none"
    raise SpecError(
        [Problem(where="zone", what=f"the base has no subnet in {zone}", hint=f"it has them in: {zones}")]
    )


def _ground(vpc: VpcTypeDef, subnet: SubnetTypeDef) -> Ground:
    base = Base(
        vpc_id=vpc["VpcId"],
        vpc_cidr=vpc["CidrBlock"],
        subnet_id=subnet["SubnetId"],
        subnet_cidr=subnet["CidrBlock"],
        zone=subnet["AvailabilityZone"],
    )
    return Ground(base=base, tags=tags_of(vpc.get("Tags", ())))  # type: ignore[arg-type]
