"""For people who may not touch IAM or VPCs: a subnet, a profile and security groups of their own, and no bucket."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from hpcctl import sandbox
from hpcctl.aws import resources_of
from hpcctl.lifecycle.creating import CreateRequest, create
from hpcctl.sandbox.client import SandboxClient
from hpcctl.spec.model import Efs, Network, NodeGroup, Volume
from hpcctl.workspace import Workspace
from tests.sandbox.machine import Machine
from tests.sandbox.unmanned import SshIsNext, context
from tests.specs import plain_spec

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform]

_MAKING = ("Create", "Put", "Attach", "Associate", "Authorize", "Allocate")


@dataclass(frozen=True, kw_only=True)
class Place:
    """What somebody else has made."""

    vpc: str
    subnet: str
    group: str
    profile: str
    file_system: str


@pytest.fixture
def place(ec2: Any, connect: Callable[[str], Any]) -> Place:
    vpc = ec2.create_vpc(CidrBlock="10.80.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.80.7.0/26", AvailabilityZone="us-east-1d")["Subnet"][
        "SubnetId"
    ]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    group = ec2.create_security_group(GroupName="storage", Description="x", VpcId=vpc)["GroupId"]
    iam = connect("iam")
    iam.create_role(RoleName="lab-nodes", AssumeRolePolicyDocument="{}")
    iam.create_instance_profile(InstanceProfileName="lab")
    iam.add_role_to_instance_profile(InstanceProfileName="lab", RoleName="lab-nodes")
    efs = connect("efs")
    made = efs.create_file_system(CreationToken=vpc)["FileSystemId"]
    efs.create_mount_target(FileSystemId=made, SubnetId=subnet)
    return Place(vpc=vpc, subnet=subnet, group=group, profile="lab", file_system=made)


def test_nothing_is_made_but_the_cluster_itself(
    place: Place, sandbox_home: Path, control: SandboxClient, ec2: Any, tmp_path: Path
) -> None:
    spec = plain_spec("guest")
    spec = replace(
        spec,
        head=replace(spec.head, public_address=False),
        compute=(
            NodeGroup(name="cpu", instance_type="c5.xlarge", count=2, public_address=False),
            NodeGroup(name="big", instance_type="c5.2xlarge", public_address=False, hyper_threading=False),
        ),
        volumes=(Volume(name="data", mount="/data", gib=6, keep=True),),
        permanent=False,
        efs=(Efs(name="models", file_system_id=place.file_system, mount="/models"),),
        network=Network(subnet=place.subnet, security_groups=(place.group,), instance_profile=place.profile),
    )
    control.clear_calls()
    with contextlib.suppress(SshIsNext):
        create(CreateRequest(spec=spec, cloud=sandbox.cloud(sandbox_home)), context=context(sandbox_home))
    made = {call.action for call in control.calls() if call.action.startswith(_MAKING)}
    assert made == {
        "CreateSecurityGroup",
        "AuthorizeSecurityGroupIngress",
        "AuthorizeSecurityGroupEgress",
        "CreatePlacementGroup",
    }
    record = Workspace(home=sandbox_home, name="guest").load()
    assert record.base
    assert record.inventory
    assert (record.base.vpc_id, record.base.bucket, record.base.nat) == (place.vpc, None, True)
    assert record.head_address == record.inventory.head.private_ip
    assert record.facts
    assert record.facts.mount_targets[0].address.startswith("10.80.7.")
    pages = ec2.describe_instances(InstanceIds=[host.instance_id for host in record.inventory.hosts])
    for one in (one for page in pages["Reservations"] for one in page["Instances"]):
        assert (one["SubnetId"], one.get("PublicIpAddress")) == (place.subnet, None)
        assert one["IamInstanceProfile"]["Arn"].endswith("/lab")
        assert place.group in {group["GroupId"] for group in one["SecurityGroups"]}

    machine = Machine(sandbox_home, tmp_path)
    (Workspace(home=sandbox_home, name="guest").record_path).unlink()
    again = machine("--profile", "sandbox", "recover", "guest")
    assert "Terraform plans no change" in again.stdout, again.stderr
    recovered = Workspace(home=sandbox_home, name="guest").load()
    assert (recovered.spec, recovered.base, recovered.facts) == (record.spec, record.base, record.facts)

    gone = machine("terminate", "--yes", "guest")
    assert gone.returncode == 0, gone.stderr
    assert resources_of(record.cloud, record.cluster_id) == ()
    assert ec2.describe_subnets(SubnetIds=[place.subnet])["Subnets"]
    assert ec2.describe_security_groups(GroupIds=[place.group])["SecurityGroups"]
    (kept,) = ec2.describe_volumes(Filters=[{"Name": "tag:hpcctl:cluster", "Values": ["guest"]}])["Volumes"]
    ec2.delete_volume(VolumeId=kept["VolumeId"])
