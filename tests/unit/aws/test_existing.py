"""What a cluster may use that is there already, and what preflight says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest

from hpcctl.aws import inquiry, quotas, session
from hpcctl.aws.inquiry import usable_zones
from hpcctl.aws.quotas import VcpuQuota
from hpcctl.aws.sites import site
from hpcctl.errors import CloudError, SpecError
from hpcctl.spec.model import (
    Cloud,
    ClusterSpec,
    Efs,
    Facts,
    ImageBy,
    ImageChoice,
    Network,
    NodeGroup,
    Spot,
    Volume,
    share_of,
)
from tests.specs import plain_spec
from tests.unit.aws.test_inquiry import Told

SPEC = plain_spec()


@pytest.fixture(autouse=True)
def plenty(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto has no vCPU quotas."""
    quota = VcpuQuota(name="vCPUs", limit=100, used=0)
    monkeypatch.setattr(quotas, "vcpu_quotas", lambda _, keys: dict.fromkeys(keys, quota))


def learned(cloud: Cloud, copies: int = 1, **changes: Any) -> Facts:
    return inquiry.preflight(replace(SPEC, **changes), cloud, progress=Told(), copies=copies)


def problems(cloud: Cloud, copies: int = 1, **changes: Any) -> dict[str, str]:
    with pytest.raises(SpecError) as caught:
        learned(cloud, copies, **changes)
    return {problem.where: f"{problem.what} | {problem.hint}" for problem in caught.value.problems}


def group(name: str = "gpu", instance_type: str = "c5.xlarge", **more: Any) -> NodeGroup:
    return NodeGroup(name=name, instance_type=instance_type, **more)


def volume(name: str = "data", **more: Any) -> Volume:
    return Volume(name=name, mount=f"/{name}", **more)


def make_subnet(cloud: Cloud, *, way: str = "igw", zone: str = "us-east-1c") -> str:
    """A subnet with a default route to an internet gateway, a NAT gateway, or none."""
    client = ec2 = session.ec2(cloud)
    vpc = client.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    made = client.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/28", AvailabilityZone=f"{zone}")["Subnet"][
        "SubnetId"
    ]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=made)
    route: dict[str, Any] = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    if way == "igw":
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        ec2.create_route(GatewayId=gateway, **route)
    if way == "nat":
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=made, AllocationId=address)["NatGateway"]["NatGatewayId"]
        ec2.create_route(NatGatewayId=nat, **route)
    return made


@pytest.mark.parametrize(
    ("way", "public", "nat"), [("igw", True, False), ("nat", False, True), ("none", False, False)]
)
def test_the_way_out_of_a_subnet_is_its_default_route(
    cloud: Cloud, way: str, public: bool, nat: bool
) -> None:
    found = site(cloud, make_subnet(cloud, way=way))
    assert (found.public, found.nat, found.zone, found.subnet_cidr) == (
        public,
        nat,
        "us-east-1c",
        "10.9.1.0/28",
    )


def test_a_subnet_says_the_zone(cloud: Cloud) -> None:
    network = Network(subnet=make_subnet(cloud))
    assert learned(cloud, network=network).zone == "us-east-1c"
    assert usable_zones(cloud, replace(SPEC, network=network)) == ("us-east-1c",)
    assert "us-east-1c" in problems(cloud, network=network, zones=("us-east-1a",))["network.subnet"]


def test_a_subnet_without_a_gateway_is_for_private_addresses(cloud: Cloud) -> None:
    network = Network(subnet=make_subnet(cloud, way="none"))
    assert "leads nowhere" in problems(cloud, network=network)["network.subnet"]
    private = {"head": replace(SPEC.head, public_address=False), "compute": ()}
    assert "no way to the internet" in learned(cloud, network=network, **private).notes[0]
    nat = Network(subnet=make_subnet(cloud, way="nat"))
    assert learned(cloud, network=nat, **private).notes == ()


def test_everything_wrong_with_a_network_is_told_at_once(cloud: Cloud) -> None:
    elsewhere = session.ec2(cloud).describe_security_groups()["SecurityGroups"][0]["GroupId"]
    found = problems(
        cloud,
        network=Network(
            vpc="vpc-0",
            subnet=make_subnet(cloud),
            security_groups=("sg-0", elsewhere),
            instance_profile="nobody",
        ),
        compute=(group(count=30),),
    )
    assert set(found) == {
        "network.vpc",
        "network.subnet",
        "network.security_groups.sg-0",
        f"network.security_groups.{elsewhere}",
        "network.instance_profile",
        "compute.gpu.count",
    }
    assert "11 free addresses, and 31 are needed" in found["network.subnet"]


def test_a_subnet_that_is_not_there_is_told(cloud: Cloud) -> None:
    assert list(problems(cloud, network=Network(subnet="subnet-0"))) == ["network.subnet"]


def test_who_may_not_look_at_a_profile_may_use_it(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object) -> None:
        raise CloudError("not allowed", code="AccessDenied")

    monkeypatch.setattr("hpcctl.aws.questions.require_profile", closed)
    assert "was not checked: not allowed" in learned(cloud, network=Network(instance_profile="x")).notes[0]


def test_volumes_bind_a_cluster_to_their_zone(cloud: Cloud) -> None:
    ec2 = session.ec2(cloud)
    here, there = (
        ec2.create_volume(AvailabilityZone=f"us-east-1{zone}", Size=8)["VolumeId"] for zone in "bd"
    )
    assert learned(cloud, volumes=(volume(volume_id=here),)).zone == "us-east-1b"
    both = (volume(volume_id=here), volume("more", volume_id=there))
    found = problems(cloud, volumes=both)
    assert "is in us-east-1d, and the cluster can be in us-east-1b only" in found["storage.volume.more.id"]


def test_volumes_and_snapshots_must_be_there_and_fit(cloud: Cloud) -> None:
    ec2 = session.ec2(cloud)
    made = ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=made)["SnapshotId"]
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    machine = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]
    taken = machine["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    found = problems(
        cloud,
        share=replace(share_of(4), snapshot=snapshot),
        volumes=(
            volume("gone", volume_id="vol-0123456789abcdef0"),
            volume("taken", volume_id=taken),
            volume("old", gib=9, snapshot="snap-0123456789abcdef0"),
        ),
    )
    assert set(found) == {
        "storage.volume.gone.id",
        "storage.volume.taken.id",
        "storage.volume.old.snapshot",
        "storage.share.size",
    }
    assert f"in-use by {machine['InstanceId']}" in found["storage.volume.taken.id"]
    assert learned(cloud, share=replace(share_of(8), snapshot=snapshot)).zone


@pytest.fixture
def efs(cloud: Cloud) -> Callable[[str], str]:
    """Makes a file system with one mount target, in this subnet."""
    client = boto3.client(
        "efs", "us-east-1", endpoint_url=cloud.endpoint_url, aws_access_key_id="x", aws_secret_access_key="x"
    )

    def make(subnet: str) -> str:
        made = client.create_file_system(CreationToken=subnet)["FileSystemId"]
        client.create_mount_target(FileSystemId=made, SubnetId=subnet)
        return str(made)

    return make


def test_a_file_system_is_mounted_by_the_address_in_its_zone(cloud: Cloud, efs: Callable[[str], str]) -> None:
    subnet = make_subnet(cloud)
    models = Efs(name="models", file_system_id=efs(subnet), mount="/models")
    facts = learned(cloud, efs=(models,), network=Network(subnet=subnet))
    (target,) = facts.mount_targets
    assert target.file_system_id == models.file_system_id
    assert target.address.startswith("10.9.1.")
    elsewhere = problems(cloud, efs=(models,), network=Network(subnet=make_subnet(cloud)))
    assert "can be mounted in vpc-" in elsewhere["storage.efs.models.id"]
    unmade = problems(cloud, efs=(models, replace(models, name="x", file_system_id="fs-0123456789abcdef0")))
    assert "own network is not made yet" in unmade["storage.efs.models.id"]
    assert "no EFS file system" in unmade["storage.efs.x.id"]


def test_a_bucket_must_be_there(cloud: Cloud) -> None:
    assert "no bucket 'nobodys'" in problems(cloud, bucket="nobodys")["storage.permanent.bucket"]
    session.s3(cloud).create_bucket(Bucket="ours")
    assert learned(cloud, bucket="ours").notes == ()


def test_groups_are_asked_about_in_the_same_questions(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    client = session.ec2(cloud)
    client.meta.events.register("before-call.ec2", lambda model, **_: asked.append(model.name))
    many = tuple(
        group(f"g{letter}", kind)
        for letter, kind in zip("abc", ("c5.2xlarge", "m5.large", "r5.large"), strict=True)
    )
    facts = learned(cloud, compute=many)
    assert [one.name for one in facts.types] == ["c5.xlarge", "c5.2xlarge", "m5.large", "r5.large"]
    assert [one.group for one in facts.images] == ["head", "ga", "gb", "gc"]
    assert asked.count("DescribeInstanceTypes") == asked.count("DescribeInstanceTypeOfferings") == 1


def test_every_group_must_have_a_type_that_can_do_it(cloud: Cloud) -> None:
    found = problems(
        cloud,
        compute=(
            group("arm", "m6g.large"),
            group("fast", efa=True, cpus_per_slot=9),
            group("close", "t3.micro", placement=True),
            group("odd", "c5.xlarg"),
            group("lone", "c5.metal", hyper_threading=True, count=2, spot=Spot()),
        ),
    )
    assert {"compute.arm.type", "compute.fast.efa", "compute.fast.cpus_per_slot"} <= set(found)
    assert {"compute.close.placement", "compute.odd.type", "compute.lone.count"} <= set(found)
    assert "m6g.large is arm64, and c5.xlarge is x86_64" in found["compute.arm.type"]
    assert "2 × c5.metal: 192 vCPUs; 100 of 100 free" in found["compute.lone.count"]


def test_a_class_counts_as_often_as_it_is_made(cloud: Cloud) -> None:
    assert learned(cloud, copies=12).zone
    found = problems(cloud, copies=13)
    assert found["compute.node.count"].startswith("13 × (2 × c5.xlarge): 104 vCPUs; 100 of 100 free")


@pytest.mark.parametrize(
    ("choice", "where", "said"),
    [
        (ImageChoice(by=ImageBy.DISTRIBUTION, value="ubuntu-24.04"), "image", "no ubuntu-24.04 image"),
        (
            ImageChoice(by=ImageBy.ID, value="ami-0123456789abcdef0"),
            "image",
            "no image ami-0123456789abcdef0",
        ),
        (ImageChoice(by=ImageBy.NAME, value="hpc-*"), "image", "no image of the owner self"),
    ],
)
def test_an_image_that_is_not_there_is_told(cloud: Cloud, choice: ImageChoice, where: str, said: str) -> None:
    assert said in problems(cloud, image=choice)[where]


def _copy(cloud: Cloud, name: str) -> str:
    ec2 = session.ec2(cloud)
    source = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    return ec2.copy_image(Name=name, SourceImageId=source, SourceRegion="us-east-1")["ImageId"]


def test_a_name_means_its_newest_image(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = {_copy(cloud, "hpc-1"), _copy(cloud, "hpc-2")}
    _copy(cloud, "other")
    facts = learned(
        cloud, image=ImageChoice(by=ImageBy.NAME, value="hpc-*"), head=replace(SPEC.head, root_gib=99)
    )
    assert facts.image("head").image_id in ids
    own = learned(cloud, compute=(group(image=ImageChoice(by=ImageBy.NAME, value="other"), root_gib=99),))
    assert own.image("head").image_id != own.image("gpu").image_id


def test_no_zone_that_has_all_types_is_told(cloud: Cloud) -> None:
    spec: ClusterSpec = replace(SPEC, zones=("us-east-1e",))
    assert usable_zones(cloud, spec) == ()
    assert usable_zones(cloud, replace(SPEC, zones=("us-east-1e", "us-east-1b"))) == ("us-east-1b",)
