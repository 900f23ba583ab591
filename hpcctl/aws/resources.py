"""Everything in the cloud that carries a cluster's id, whether Terraform knows of it or not."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from hpcctl.aws.session import ec2, explained
from hpcctl.aws.states import ALIVE, NODE_TAG, tags_of
from hpcctl.spec.model import Cloud
from hpcctl.spec.tags import ID_TAG

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import FilterTypeDef


class ResourceKind(str, Enum):
    """What a cluster is made of, by Terraform's names."""

    INSTANCE = "aws_instance"
    SECURITY_GROUP = "aws_security_group"
    KEY_PAIR = "aws_key_pair"
    PLACEMENT_GROUP = "aws_placement_group"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One of them: ``id`` is what Terraform imports it by; ``node`` is the name of an instance's node."""

    kind: ResourceKind
    id: str
    node: str = ""


def resources_of(cloud: Cloud, cluster_id: str) -> tuple[Resource, ...]:
    """All resources that are tagged with the cluster's id; terminated instances are none.

    The name alone would not do: somebody else may have a cluster of that name by now.
    """
    tagged: list[FilterTypeDef] = [{"Name": f"tag:{ID_TAG}", "Values": [cluster_id]}]
    with (
        ThreadPoolExecutor(4) as pool,
        explained(cloud, f"look for what belongs to the cluster {cluster_id}"),
    ):
        client = ec2(cloud)
        answers = pool.map(lambda ask: tuple(ask(client, tagged)), _QUESTIONS)
        return tuple(resource for answer in answers for resource in answer)


def _instances(client: EC2Client, tagged: list[FilterTypeDef]) -> Iterator[Resource]:
    alive: FilterTypeDef = {"Name": "instance-state-name", "Values": list(ALIVE)}
    for page in client.get_paginator("describe_instances").paginate(Filters=[*tagged, alive]):
        for reservation in page["Reservations"]:
            for instance in reservation["Instances"]:
                tags = tags_of(instance.get("Tags", ()))  # type: ignore[arg-type]
                node = tags.get(NODE_TAG, "")
                yield Resource(kind=ResourceKind.INSTANCE, id=instance["InstanceId"], node=node)


def _security_groups(client: EC2Client, tagged: list[FilterTypeDef]) -> Iterator[Resource]:
    for group in client.describe_security_groups(Filters=tagged)["SecurityGroups"]:
        yield Resource(kind=ResourceKind.SECURITY_GROUP, id=group["GroupId"])


def _key_pairs(client: EC2Client, tagged: list[FilterTypeDef]) -> Iterator[Resource]:
    for pair in client.describe_key_pairs(Filters=tagged)["KeyPairs"]:
        yield Resource(kind=ResourceKind.KEY_PAIR, id=pair["KeyName"])


def _placement_groups(client: EC2Client, tagged: list[FilterTypeDef]) -> Iterator[Resource]:
    for group in client.describe_placement_groups(Filters=tagged)["PlacementGroups"]:
        yield Resource(kind=ResourceKind.PLACEMENT_GROUP, id=group["GroupName"])


_QUESTIONS = (_instances, _security_groups, _key_pairs, _placement_groups)
