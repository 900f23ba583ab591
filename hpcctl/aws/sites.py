"""Where nodes can stand: a subnet that exists, with its VPC, zone and way out."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpcctl.aws.findings import Findings
from hpcctl.aws.session import ec2, explained
from hpcctl.errors import Problem, SpecError
from hpcctl.spec.model import Cloud, ClusterSpec

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import RouteTableTypeDef, SubnetTypeDef

_EVERYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True)
class Site:
    """A subnet of the user's own.

    ``public``: its default route is an internet gateway, so that public addresses work; ``nat``: it is something else,
    so that nodes without one get out as well. Neither: there is no way out. ``free`` counts addresses.
    """

    vpc_id: str
    vpc_cidr: str
    subnet_id: str
    subnet_cidr: str
    zone: str
    public: bool
    nat: bool
    free: int


def site(cloud: Cloud, subnet_id: str) -> Site:
    """The subnet as it is. SpecError where there is none."""
    with explained(cloud, f"describe the subnet {subnet_id}"):
        client = ec2(cloud)
        named = client.describe_subnets(Filters=[{"Name": "subnet-id", "Values": [subnet_id]}])["Subnets"]
        if not named:
            what = f"there is no subnet {subnet_id} in {cloud.region}"
            raise SpecError([Problem(where="network.subnet", what=what, hint="subnets belong to one region")])
        subnet = named[0]
        with ThreadPoolExecutor(2) as pool:
            vpcs = pool.submit(lambda: client.describe_vpcs(VpcIds=[subnet["VpcId"]])["Vpcs"])
            tables = pool.submit(
                lambda: client.describe_route_tables(
                    Filters=[{"Name": "vpc-id", "Values": [subnet["VpcId"]]}]
                )
            )
            way = _way_out(tables.result()["RouteTables"], subnet_id)
            return _site(subnet, vpcs.result()[0]["CidrBlock"], way)


def groups_here(cloud: Cloud, ids: Sequence[str]) -> dict[str, str]:
    """The VPC of each of these security groups that exists."""
    if not ids:
        return {}
    with explained(cloud, "describe the security groups"):
        found = ec2(cloud).describe_security_groups(Filters=[{"Name": "group-id", "Values": list(ids)}])
    return {group["GroupId"]: group["VpcId"] for group in found["SecurityGroups"]}


def check_site(spec: ClusterSpec, found: Site, findings: Findings, *, nodes: int) -> None:
    """Problems of a subnet that exists and will not do; ``nodes`` addresses are needed."""
    if spec.network.vpc and spec.network.vpc != found.vpc_id:
        what = f"the subnet {found.subnet_id} is in {found.vpc_id}, not in {spec.network.vpc}"
        findings.problem("network.vpc", what, "leave vpc out: the subnet says it")
    if nodes > found.free:
        what = f"the subnet {found.subnet_id} has {found.free} free addresses, and {nodes} are needed"
        findings.problem("network.subnet", what, "fewer nodes, or a larger subnet")
    _check_way_out(spec, found, findings)


def check_groups(spec: ClusterSpec, present: dict[str, str], vpc_id: str | None, findings: Findings) -> None:
    """Problems of security groups that do not exist, or are in another VPC than the nodes."""
    for name in spec.network.security_groups:
        where = f"network.security_groups.{name}"
        if name not in present:
            findings.problem(where, f"there is no security group {name}", "sg-… of this region")
        elif present[name] != vpc_id:
            place = f"the nodes stand in {vpc_id}" if vpc_id else "hpcctl's own network is not made yet"
            what = f"the security group {name} is in {present[name]}, and {place}"
            findings.problem(where, what, "a group serves the machines of its VPC alone")


def _check_way_out(spec: ClusterSpec, found: Site, findings: Findings) -> None:
    if not found.public and any(group.public_address for group in spec.groups):
        findings.problem(
            "network.subnet",
            f"the subnet {found.subnet_id} has no route to an internet gateway, so a public address leads nowhere",
            "public_address = false for the head and every compute group: one then logs in by the private"
            " address, from inside that network",
        )
    if not found.public and not found.nat:
        findings.note(
            f"the subnet {found.subnet_id} has no way to the internet: nodes need an image that has its packages,"
            " and an endpoint for S3 where there is a /permanent"
        )


def _way_out(tables: Sequence[RouteTableTypeDef], subnet_id: str) -> str:
    """Where the default route of the subnet leads: the id of a gateway, or nothing."""
    own = [
        table for table in tables if any(one.get("SubnetId") == subnet_id for one in table["Associations"])
    ]
    main = [table for table in tables if any(one.get("Main") for one in table["Associations"])]
    for table in (own or main)[:1]:
        for route in table["Routes"]:
            if route.get("DestinationCidrBlock") == _EVERYWHERE and route.get("State", "active") == "active":
                keys = ("GatewayId", "NatGatewayId", "TransitGatewayId", "NetworkInterfaceId", "InstanceId")
                return next((str(route[key]) for key in keys if route.get(key)), "")  # type: ignore[literal-required]
    return ""


def _site(subnet: SubnetTypeDef, vpc_cidr: str, way: str) -> Site:
    return Site(
        vpc_id=subnet["VpcId"],
        vpc_cidr=vpc_cidr,
        subnet_id=subnet["SubnetId"],
        subnet_cidr=subnet["CidrBlock"],
        zone=subnet["AvailabilityZone"],
        public=way.startswith("igw-"),
        nat=bool(way) and not way.startswith("igw-"),
        free=subnet["AvailableIpAddressCount"],
    )
