"""A cluster that runs in the API, as `create` would have left it, without a Terraform and without machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import Any

from hpcctl.inventory import Host, HostVolume, Inventory
from hpcctl.spec.model import Cloud, Role
from hpcctl.spec.nodes import group_of
from hpcctl.workspace import Workspace
from tests.sandbox.polling import reach
from tests.specs import sized
from tests.unit.records import FACTS, RECORD, SPEC

IMAGE = "ami-0deb1a12000000001"
NODES = ("head", "node001", "node002")


@contextmanager
def standing(ec2: Any, cloud: Cloud, home: Path) -> Iterator[Workspace]:
    """A cluster of three that runs, as `create` would have left it."""
    ids = [_run(ec2, node) for node in NODES]
    reach(ec2, ids, "running")
    record = replace(
        RECORD,
        spec=replace(sized(SPEC, 3), boot_seconds=3600),
        cloud=cloud,
        cluster_id=token_hex(4),
        facts=replace(FACTS, types=(replace(FACTS.types[0], cluster_placement=False),)),
        inventory=Inventory(
            hosts=tuple(
                Host(
                    name=node,
                    role=Role.HEAD if node == "head" else Role.COMPUTE,
                    group=group_of(node),
                    instance_id=instance_id,
                    private_ip="10.0.0.1",
                    public_ip="127.0.0.1",
                )
                for node, instance_id in zip(NODES, ids, strict=True)
            ),
            volumes=(HostVolume(name="share", volume_id=_share(ec2, ids[0])),),
        ),
    )
    for instance_id in ids:
        ec2.create_tags(
            Resources=[instance_id, *_volumes(ec2, instance_id)],
            Tags=[{"Key": "hpcctl:id", "Value": record.cluster_id}],
        )
    group = _ways_in(ec2, record.cluster_id)
    workspace = Workspace(home=home, name="demo")
    workspace.save(record)
    yield workspace
    ec2.terminate_instances(InstanceIds=ids)
    ec2.delete_security_group(GroupId=group)
    ec2.delete_key_pair(KeyName=record.cluster_id)


def _ways_in(ec2: Any, cluster_id: str) -> str:
    """A security group, which is returned, and a key pair."""
    tags = [{"Key": "hpcctl:id", "Value": cluster_id}]
    ec2.create_key_pair(KeyName=cluster_id, TagSpecifications=[{"ResourceType": "key-pair", "Tags": tags}])
    made = ec2.create_security_group(
        GroupName=cluster_id,
        Description="of a test",
        TagSpecifications=[{"ResourceType": "security-group", "Tags": tags}],
    )
    return str(made["GroupId"])


def _run(ec2: Any, node: str) -> str:
    share = [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 50, "VolumeType": "gp3"}}]
    tags = [{"Key": "hpcctl:node", "Value": node}, {"Key": "hpcctl:cluster", "Value": "demo"}]
    made = ec2.run_instances(
        ImageId=IMAGE,
        InstanceType="c5.large",
        MinCount=1,
        MaxCount=1,
        BlockDeviceMappings=[
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3"}},
            *(share if node == "head" else ()),
        ],
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    return str(made["Instances"][0]["InstanceId"])


def _volumes(ec2: Any, instance_id: str) -> list[str]:
    filters = [{"Name": "attachment.instance-id", "Values": [instance_id]}]
    return [volume["VolumeId"] for volume in ec2.describe_volumes(Filters=filters)["Volumes"]]


def _share(ec2: Any, instance_id: str) -> str:
    filters = [{"Name": "attachment.instance-id", "Values": [instance_id]}]
    found = ec2.describe_volumes(Filters=filters)["Volumes"]
    return str(next(volume["VolumeId"] for volume in found if volume["Size"] == 50))


def login_keys(demo: Workspace) -> None:
    """Keys for hosts that nobody can reach."""
    from hpcctl.keys import new_key
    from hpcctl.sshconfig import known_hosts
    from hpcctl.workspace import write_files

    key = new_key("x")
    files = {
        "cluster_ed25519": key.private,
        "cluster_ed25519.pub": key.public,
        "id_ed25519": key.private,
        "id_ed25519.pub": key.public,
    }
    hosts = known_hosts("demo", dict.fromkeys(NODES, (key.public,)))
    write_files(demo.path / "ssh", {**files, "known_hosts": hosts})
