"""What EC2 accepts, refuses and answers: checked with boto3 against the service, without machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.polling import instance, reach

pytestmark = pytest.mark.sandbox

PARAMETER = "/aws/service/debian/release/12/latest/amd64"
KEY = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1pEVoEBqzBGZ6pMWPUVjDf0fmbfX2TaTjAp1AW1m7M me"


@pytest.fixture(scope="module")
def image(connect: Callable[[str], Any]) -> str:
    return str(connect("ssm").get_parameter(Name=PARAMETER)["Parameter"]["Value"])


@pytest.fixture
def run(ec2: Any, image: str) -> Iterator[Callable[..., list[str]]]:
    """RunInstances with defaults; what it made is terminated after the test."""
    made: list[str] = []

    def launch(**request: Any) -> list[str]:
        wanted = {"ImageId": image, "InstanceType": "c5.large", "MinCount": 1, "MaxCount": 1, **request}
        ids = [each["InstanceId"] for each in ec2.run_instances(**wanted)["Instances"]]
        made.extend(ids)
        return ids

    yield launch
    if made:
        ec2.terminate_instances(InstanceIds=made)
        reach(ec2, made, "terminated")


def _code(call: Callable[..., Any], **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**request)
    return str(caught.value.response["Error"]["Code"])


def test_the_image_is_found_as_debian_publishes_it(ec2: Any, image: str) -> None:
    found = ec2.describe_images(
        Owners=["136693071363"], Filters=[{"Name": "name", "Values": ["debian-12-amd64-*"]}]
    )["Images"]
    assert [(each["ImageId"], each["Architecture"], each["RootDeviceName"]) for each in found] == [
        (image, "x86_64", "/dev/xvda")
    ]


def test_max_count_many_instances_are_launched(ec2: Any, run: Callable[..., list[str]]) -> None:
    ids = run(MinCount=1, MaxCount=3)
    addresses = {each["PublicIpAddress"] for each in reach(ec2, ids, "running")}
    assert len(addresses) == 3
    assert all(address.startswith("127.") for address in addresses)


def test_the_same_client_token_launches_once(run: Callable[..., list[str]]) -> None:
    assert run(ClientToken="once") == run(ClientToken="once")


def test_the_private_address_of_the_request_is_honoured_and_given_once(
    ec2: Any, run: Callable[..., list[str]]
) -> None:
    (first,) = run(PrivateIpAddress="172.31.0.200")
    assert instance(ec2, first)["PrivateIpAddress"] == "172.31.0.200"
    assert _code(run, PrivateIpAddress="172.31.0.200") == "InvalidIPAddress.InUse"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"PrivateIpAddress": "10.9.9.9"}, "InvalidParameterValue"),
        ({"PrivateIpAddress": "172.31.0.3"}, "InvalidParameterValue"),
        ({"PrivateIpAddress": "172.31.0.9", "MaxCount": 2}, "InvalidParameterCombination"),
        ({"ImageId": "ami-00000000000000000"}, "InvalidAMIID.NotFound"),
        ({"InstanceType": "c5.huge"}, "InvalidInstanceType"),
        ({"KeyName": "nobody"}, "InvalidKeyPair.NotFound"),
        ({"SubnetId": "subnet-00000000"}, "InvalidSubnetID.NotFound"),
        ({"Placement": {"GroupName": "nothing"}}, "InvalidPlacementGroup.Unknown"),
        ({"Placement": {"AvailabilityZone": "us-east-1z"}}, "InvalidParameterValue"),
        ({"InstanceType": "u-6tb1.112xlarge", "MaxCount": 99}, "VcpuLimitExceeded"),
    ],
)
def test_a_launch_that_ec2_refuses_leaves_nothing(
    ec2: Any, run: Callable[..., list[str]], request_: dict[str, Any], code: str
) -> None:
    before = ec2.describe_instances()["Reservations"]
    volumes = ec2.describe_volumes()["Volumes"]
    assert _code(run, **request_) == code
    assert ec2.describe_instances()["Reservations"] == before
    assert ec2.describe_volumes()["Volumes"] == volumes


def test_tags_of_the_request_are_on_instance_and_volume_and_can_be_asked_for(
    ec2: Any, run: Callable[..., list[str]]
) -> None:
    tags = [{"Key": "hpcctl:cluster", "Value": "tagged"}]
    (made,) = run(TagSpecifications=[{"ResourceType": kind, "Tags": tags} for kind in ("instance", "volume")])
    reach(ec2, [made], "running")
    wanted = [{"Name": "tag:hpcctl:cluster", "Values": ["tagged"]}]
    running = {"Name": "instance-state-name", "Values": ["pending", "running"]}
    stopped = {"Name": "instance-state-name", "Values": ["stopped"]}
    assert len(ec2.describe_instances(Filters=[*wanted, running])["Reservations"]) == 1
    assert ec2.describe_instances(Filters=[*wanted, stopped])["Reservations"] == []
    volumes = ec2.describe_volumes(Filters=wanted)["Volumes"]
    assert [volume["Attachments"][0]["InstanceId"] for volume in volumes] == [made]


def test_what_the_request_says_of_metadata_disks_and_groups_is_shown(
    ec2: Any, run: Callable[..., list[str]]
) -> None:
    ec2.create_placement_group(GroupName="shown", Strategy="cluster")
    group = ec2.create_security_group(GroupName="shown", Description="shown")["GroupId"]
    disk = {"VolumeSize": 4, "VolumeType": "gp3", "Iops": 4000, "Throughput": 250, "Encrypted": True}
    (made,) = run(
        MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
        BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": disk}],
        Placement={"GroupName": "shown"},
        NetworkInterfaces=[{"DeviceIndex": 0, "Groups": [group], "AssociatePublicIpAddress": True}],
    )
    (shown,) = reach(ec2, [made], "running")
    assert shown["MetadataOptions"]["HttpTokens"] == "required"
    assert shown["Placement"]["GroupName"] == "shown"
    assert [each["GroupId"] for each in shown["SecurityGroups"]] == [group]
    devices = {each["DeviceName"]: each["Ebs"]["VolumeId"] for each in shown["BlockDeviceMappings"]}
    assert set(devices) == {"/dev/xvda", "/dev/sdf"}
    (volume,) = ec2.describe_volumes(VolumeIds=[devices["/dev/sdf"]])["Volumes"]
    assert [volume[name] for name in ("Size", "VolumeType", "Iops", "Throughput", "Encrypted")] == [
        *(4, "gp3", 4000, 250, True)
    ]
    assert _code(ec2.delete_placement_group, GroupName="shown") == "InvalidPlacementGroup.InUse"


def test_placement_groups_are_made_found_and_deleted(ec2: Any) -> None:
    tags = [{"ResourceType": "placement-group", "Tags": [{"Key": "hpcctl:cluster", "Value": "pg"}]}]
    made = ec2.create_placement_group(GroupName="pg", Strategy="cluster", TagSpecifications=tags)
    assert made["PlacementGroup"]["State"] == "available"
    assert _code(ec2.create_placement_group, GroupName="pg", Strategy="cluster") == (
        "InvalidPlacementGroup.Duplicate"
    )
    for request in (
        {"GroupNames": ["pg"]},
        {"GroupIds": [made["PlacementGroup"]["GroupId"]]},
        {"Filters": [{"Name": "tag:hpcctl:cluster", "Values": ["pg"]}]},
        {"Filters": [{"Name": "strategy", "Values": ["cluster"]}, {"Name": "group-name", "Values": ["pg"]}]},
    ):
        assert [
            each["GroupName"] for each in ec2.describe_placement_groups(**request)["PlacementGroups"]
        ] == ["pg"]
    ec2.delete_placement_group(GroupName="pg")
    assert _code(ec2.describe_placement_groups, GroupNames=["pg"]) == "InvalidPlacementGroup.Unknown"
    assert _code(ec2.delete_placement_group, GroupName="pg") == "InvalidPlacementGroup.Unknown"


def test_unknown_instances_and_wrong_states_are_ec2s_errors(ec2: Any, run: Callable[..., list[str]]) -> None:
    nobody = ["i-0000000000000000f"]
    assert _code(ec2.describe_instances, InstanceIds=nobody) == "InvalidInstanceID.NotFound"
    assert _code(ec2.terminate_instances, InstanceIds=nobody) == "InvalidInstanceID.NotFound"
    ids = run()
    reach(ec2, ids, "running")
    ec2.stop_instances(InstanceIds=ids)
    reach(ec2, ids, "stopped")
    assert _code(ec2.reboot_instances, InstanceIds=ids) == "IncorrectInstanceState"
    ec2.terminate_instances(InstanceIds=ids)
    reach(ec2, ids, "terminated")
    assert _code(ec2.start_instances, InstanceIds=ids) == "IncorrectInstanceState"
    ec2.terminate_instances(InstanceIds=ids)


def test_termination_protection_holds_until_it_is_taken_away(ec2: Any, run: Callable[..., list[str]]) -> None:
    ids = run()
    ec2.modify_instance_attribute(InstanceId=ids[0], DisableApiTermination={"Value": True})
    assert _code(ec2.terminate_instances, InstanceIds=ids) == "OperationNotPermitted"
    ec2.modify_instance_attribute(InstanceId=ids[0], DisableApiTermination={"Value": False})


def test_volumes_obey_ec2s_rules(ec2: Any, run: Callable[..., list[str]]) -> None:
    ids = run(MaxCount=2)
    (first, _) = reach(ec2, ids, "running")
    zone = first["Placement"]["AvailabilityZone"]
    volume = ec2.create_volume(Size=1, AvailabilityZone=zone)["VolumeId"]
    elsewhere = ec2.create_volume(Size=1, AvailabilityZone="us-east-1f")["VolumeId"]
    target = {"InstanceId": ids[0], "Device": "/dev/sdm"}
    assert _code(ec2.attach_volume, VolumeId=elsewhere, **target) == "InvalidVolume.ZoneMismatch"
    ec2.attach_volume(VolumeId=volume, **target)
    assert _code(ec2.attach_volume, VolumeId=volume, InstanceId=ids[1], Device="/dev/sdm") == "VolumeInUse"
    assert _code(ec2.delete_volume, VolumeId=volume) == "VolumeInUse"
    root = first["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    assert _code(ec2.detach_volume, VolumeId=root) == "OperationNotPermitted"
    ec2.detach_volume(VolumeId=volume)
    ec2.get_waiter("volume_available").wait(VolumeIds=[volume], WaiterConfig={"Delay": 1})
    for each in (volume, elsewhere):
        ec2.delete_volume(VolumeId=each)
    assert _code(ec2.attach_volume, VolumeId=volume, **target) == "InvalidVolume.NotFound"


def test_facts_about_types_are_there_for_preflight(ec2: Any) -> None:
    (facts,) = ec2.describe_instance_types(InstanceTypes=["c5.xlarge"])["InstanceTypes"]
    assert facts["VCpuInfo"]["DefaultVCpus"] == 4
    assert facts["ProcessorInfo"]["SupportedArchitectures"] == ["x86_64"]
    assert "cluster" in facts["PlacementGroupInfo"]["SupportedStrategies"]
    offered = ec2.describe_instance_type_offerings(
        LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": ["c5.xlarge"]}]
    )["InstanceTypeOfferings"]
    assert "us-east-1a" in {offer["Location"] for offer in offered}


def test_vcpu_quotas_are_there(connect: Callable[[str], Any]) -> None:
    quotas = connect("service-quotas")
    quota = quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-1216C47A")["Quota"]
    assert quota["Value"] >= 1000
    assert quota in quotas.list_service_quotas(ServiceCode="ec2")["Quotas"]
    assert _code(quotas.get_service_quota, ServiceCode="ec2", QuotaCode="L-0") == "NoSuchResourceException"


def test_an_action_that_is_not_there_is_refused_at_once(ec2: Any) -> None:
    assert _code(ec2.describe_capacity_reservations) == "UnsupportedOperation"


def test_who_is_calling(connect: Callable[[str], Any]) -> None:
    assert connect("sts").get_caller_identity()["Account"] == "123456789012"
