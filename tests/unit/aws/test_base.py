"""The base is found by its tags; addresses are those that nobody has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hpcctl.aws.base import find_base, find_ground, free_addresses, leftovers, pick_addresses
from hpcctl.aws.session import ec2, iam, s3
from hpcctl.aws.states import instances
from hpcctl.errors import CloudError, SpecError
from hpcctl.spec.basenames import base_role
from hpcctl.spec.model import Base, Cloud, Network, Role
from tests.unit.records import SPEC


def tagged(kind: str, **tags: str) -> list[Any]:
    pairs = [{"Key": f"hpcctl:{key.replace('_', '-')}", "Value": value} for key, value in tags.items()]
    return [{"ResourceType": kind, "Tags": pairs}]


def make_base(cloud: Cloud, cidr: str = "10.71.0.0/28", **tags: str) -> Base:
    client = ec2(cloud)
    names = tags or {"base": "1", "bucket": "b", "instance_profile": "p"}
    vpc = client.create_vpc(CidrBlock="10.71.0.0/16", TagSpecifications=tagged("vpc", **names))["Vpc"][
        "VpcId"
    ]
    for zone, block in (("a", cidr), ("b", "10.71.16.0/20")):
        client.create_subnet(
            VpcId=vpc,
            CidrBlock=block,
            AvailabilityZone=f"us-east-1{zone}",
            TagSpecifications=tagged("subnet", base="1"),
        )
    found = find_ground(cloud, "us-east-1a")
    assert found
    return found.base


def stood(cloud: Cloud, zone: str, **changes: Any) -> Base | None:
    return find_base(cloud, replace(SPEC, **changes), account="123456789012", zone=zone).base


def missing(cloud: Cloud, **changes: Any) -> set[str]:
    found = find_base(cloud, replace(SPEC, **changes), account="123456789012", zone="us-east-1a")
    return {part.value for part in found.missing}


def test_without_a_base_there_is_none(cloud: Cloud) -> None:
    assert stood(cloud, "us-east-1a") is None


def test_a_base_is_found_with_the_subnet_of_the_zone(cloud: Cloud) -> None:
    make_base(cloud)
    base = stood(cloud, "us-east-1a")
    assert base
    assert (base.vpc_cidr, base.subnet_cidr, base.zone) == ("10.71.0.0/16", "10.71.0.0/28", "us-east-1a")
    assert (base.bucket, base.instance_profile) == ("b", "p")
    other = stood(cloud, "us-east-1b")
    assert other
    assert (other.vpc_id, other.subnet_cidr) == (base.vpc_id, "10.71.16.0/20")


def test_a_zone_without_a_subnet_names_those_that_have_one(cloud: Cloud) -> None:
    make_base(cloud)
    with pytest.raises(SpecError) as caught:
        stood(cloud, "us-east-1c")
    assert caught.value.problems[0].hint == "it has them in: us-east-1a, us-east-1b"


def test_a_half_made_base_is_none(cloud: Cloud) -> None:
    tags = tagged("vpc", base="1", bucket="b", instance_profile="p")
    ec2(cloud).create_vpc(CidrBlock="10.71.0.0/16", TagSpecifications=tags)
    assert stood(cloud, "us-east-1a") is None


def test_what_a_cluster_needs_of_the_base_is_made_and_nothing_else(cloud: Cloud) -> None:
    assert missing(cloud) == {"network", "bucket", "node_role"}
    assert missing(cloud, permanent=False) == {"network"}
    assert missing(cloud, network=Network(instance_profile="theirs")) == {"network", "bucket"}
    assert missing(cloud, bucket="theirs") == {"network", "node_role"}
    s3(cloud).create_bucket(Bucket="hpcctl-123456789012-us-east-1")
    assert missing(cloud) == {"network", "node_role"}
    make_base(cloud, base="1")
    assert missing(cloud) == {"node_role"}
    role = base_role("us-east-1")
    iam(cloud).create_instance_profile(InstanceProfileName=role)
    base = stood(cloud, "us-east-1a")
    assert base
    assert (base.bucket, base.instance_profile) == ("hpcctl-123456789012-us-east-1", role)


def test_a_subnet_of_the_users_own_is_no_ones_base(cloud: Cloud) -> None:
    subnet = ec2(cloud).describe_subnets()["Subnets"][0]
    network = Network(subnet=subnet["SubnetId"], instance_profile="theirs")
    base = stood(cloud, "us-east-1a", network=network, permanent=False)
    assert base
    assert (base.vpc_id, base.subnet_cidr) == (subnet["VpcId"], subnet["CidrBlock"])
    assert (base.bucket, base.instance_profile, base.nat) == (None, "theirs", False)
    assert missing(cloud, network=network) == {"bucket"}
    assert missing(cloud, network=network, bucket="theirs") == set()


def test_a_role_serves_one_bucket() -> None:
    assert base_role("us-east-1") == "hpcctl-us-east-1"
    own = base_role("ap-northeast-1", "b" * 63)
    assert own != base_role("ap-northeast-1", "c" * 63)
    assert len(own) <= 64


def test_free_addresses_leave_out_what_is_taken_and_reserved(cloud: Cloud) -> None:
    base = make_base(cloud)
    for address in ("10.71.0.4", "10.71.0.6"):
        ec2(cloud).create_network_interface(SubnetId=base.subnet_id, PrivateIpAddress=address)
    free = free_addresses(cloud, base, 9)
    assert free[:2] == ("10.71.0.5", "10.71.0.7")
    assert free[-1] == "10.71.0.14"
    with pytest.raises(CloudError, match="has 9 free addresses, and 10 are needed"):
        free_addresses(cloud, base, 10)


def test_a_seed_moves_the_start_and_loses_no_address() -> None:
    everything = set(pick_addresses("10.0.0.0/24", set(), 999))
    assert len(everything) == 251
    assert set(pick_addresses("10.0.0.0/24", set(), 999, seed="demo")) == everything
    assert pick_addresses("10.0.0.0/24", set(), 3, seed="demo") == pick_addresses(
        "10.0.0.0/24", set(), 3, seed="demo"
    )
    assert pick_addresses("10.0.0.0/24", set(), 3, seed="demo") != pick_addresses(
        "10.0.0.0/24", set(), 3, seed="wing"
    )


def test_what_outlived_a_base_is_found(cloud: Cloud) -> None:
    gone = leftovers(cloud, bucket="b-gone", role="r-gone")
    assert (gone.bucket_exists, gone.role_exists, gone.profile_exists) == (False, False, False)
    s3(cloud).create_bucket(Bucket="b-here")
    iam(cloud).create_role(RoleName="r-here", AssumeRolePolicyDocument="{}")
    here = leftovers(cloud, bucket="b-here", role="r-here")
    assert (here.bucket_exists, here.role_exists, here.profile_exists) == (True, True, False)
    iam(cloud).create_instance_profile(InstanceProfileName="r-here")
    assert leftovers(cloud, bucket="b-here", role="r-here").profile_exists


def test_instances_are_told_by_cluster_with_the_head_first(cloud: Cloud) -> None:
    base = make_base(cloud, cidr="10.71.0.0/24")
    image = ec2(cloud).describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    for cluster, node in (("demo", "node001"), ("demo", "head"), ("wing", "head")):
        ec2(cloud).run_instances(
            ImageId=image,
            MinCount=1,
            MaxCount=1,
            InstanceType="c5.xlarge",
            SubnetId=base.subnet_id,
            TagSpecifications=tagged("instance", cluster=cluster, node=node, owner="me"),
        )
    everything = instances(cloud)
    assert [(one.cluster, one.node) for one in everything] == [
        ("demo", "head"),
        ("demo", "node001"),
        ("wing", "head"),
    ]
    head = instances(cloud, "demo")[0]
    assert (head.role, head.state, head.instance_type, head.zone) == (
        Role.HEAD,
        "running",
        "c5.xlarge",
        "us-east-1a",
    )
    assert head.private_ip
    assert head.volumes
    assert head.owner == "me"
    ec2(cloud).terminate_instances(InstanceIds=[head.instance_id])
    assert [one.node for one in instances(cloud, "demo")] == ["node001"]
