"""Everything in the cloud that carries a cluster's id, whether Terraform knows of it or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from hpcctl.aws.session import ec2, explained
from hpcctl.aws.states import ALIVE, NODE_TAG, ROLE_TAG, tags_of
from hpcctl.inventory import HostVolume
from hpcctl.spec.model import HEAD, SHARE, Cloud
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
    LAUNCH_TEMPLATE = "aws_launch_template"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One of them: ``id`` is what Terraform imports it by.

    ``node`` is whom an instance or a launch template is for, ``head`` for a security group of the head alone;
    ``volumes`` are on an instance.
    """

    kind: ResourceKind
    id: str
    node: str = ""
    volumes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Absence:
    """Something of a cluster that is not there any more.

    ``node`` is the name of a node that has no instance; ``volume`` that of a volume which is not on the head.
    """

    what: str
    node: str = ""
    volume: str = ""


def resources_of(cloud: Cloud, cluster_id: str) -> tuple[Resource, ...]:
    """All resources that are tagged with the cluster's id; terminated instances are none.

    The name alone would not do: somebody else may have a cluster of that name by now.
    """
    tagged: list[FilterTypeDef] = [{"Name": f"tag:{ID_TAG}", "Values": [cluster_id]}]
    with (
        ThreadPoolExecutor(5) as pool,
        explained(cloud, f"look for what belongs to the cluster {cluster_id}"),
    ):
        client = ec2(cloud)
        answers = pool.map(lambda ask: tuple(ask(client, tagged)), _QUESTIONS)
        return tuple(resource for answer in answers for resource in answer)


def absences(
    resources: Iterable[Resource],
    *,
    nodes: Iterable[str],
    volumes: Iterable[HostVolume],
    placement_group: bool,
    head_group: bool = False,
) -> tuple[Absence, ...]:
    """What a cluster lacks of its ``nodes``, of what they need, and of the head's ``volumes``.

    ``head_group``: has the head a security group of its own?
    """
    present = tuple(resources)
    instances = {one.node: one for one in present if one.kind is ResourceKind.INSTANCE}
    kinds = {resource.kind for resource in present if not resource.node}
    wanted = [ResourceKind.SECURITY_GROUP, ResourceKind.KEY_PAIR]
    if placement_group:
        wanted.append(ResourceKind.PLACEMENT_GROUP)
    gone = [Absence(what=node, node=node) for node in nodes if node not in instances]
    if HEAD in instances:
        gone += [_lost(one) for one in volumes if one.volume_id not in instances[HEAD].volumes]
    if head_group and (ResourceKind.SECURITY_GROUP, HEAD) not in {(one.kind, one.node) for one in present}:
        gone.append(Absence(what="the security group of the head"))
    gone += [Absence(what=f"the {_words(kind)}") for kind in wanted if kind not in kinds]
    return tuple(gone)


def _lost(volume: HostVolume) -> Absence:
    what = "the volume of /share" if volume.name == SHARE else f"the volume {volume.name}"
    return Absence(what=what, volume=volume.name)


def _words(kind: ResourceKind) -> str:
    return kind.value.removeprefix("aws_").replace("_", " ")


def _instances(client: EC2Client, tagged: list[FilterTypeDef]) -> Iterator[Resource]:
    alive: FilterTypeDef = {"Name": "instance-state-name", "Values": list(ALIVE)}
    for page in client.get_paginator("describe_instances").paginate(Filters=[*tagged, alive]):
        for reservation in page["Reservations"]:
            for instance in reservation["Instances"]:
                tags = tags_of(instance.get("Tags", ()))  # type: ignore[arg-type]
                node = tags.get(NODE_TAG, "")
                devices = [device.get("Ebs", {}) for device in instance.get("BlockDeviceMappings", ())]
                volumes = tuple(device["VolumeId"] for device in devices if device.get("VolumeId"))
                yield Resource(
                    kind=ResourceKind.INSTANCE, id=instance["InstanceId"], node=node, volumes=volumes
                )


def _security_groups(client: EC2Client, tagged: list[FilterTypeDef]) -> Iterator[Resource]:
    for group in client.describe_security_groups(Filters=tagged)["SecurityGroups"]:
        tags = tags_of(group.get("Tags", ()))  # type: ignore[arg-type]
        node = HEAD if tags.get(ROLE_TAG) == HEAD else ""
        yield Resource(kind=ResourceKind.SECURITY_GROUP, id=group["GroupId"], node=node)


def _key_pairs(client: EC2Client, tagged: list[FilterTypeDef]) -> Iterator[Resource]:
    for pair in client.describe_key_pairs(Filters=tagged)["KeyPairs"]:
        yield Resource(kind=ResourceKind.KEY_PAIR, id=pair["KeyName"])


def _placement_groups(client: EC2Client, tagged: list[FilterTypeDef]) -> Iterator[Resource]:
    for group in client.describe_placement_groups(Filters=tagged)["PlacementGroups"]:
        yield Resource(kind=ResourceKind.PLACEMENT_GROUP, id=group["GroupName"])


def _launch_templates(client: EC2Client, tagged: list[FilterTypeDef]) -> Iterator[Resource]:
    for page in client.get_paginator("describe_launch_templates").paginate(Filters=tagged):
        for template in page["LaunchTemplates"]:
            tags = tags_of(template.get("Tags", ()))  # type: ignore[arg-type]
            yield Resource(
                kind=ResourceKind.LAUNCH_TEMPLATE,
                id=template["LaunchTemplateId"],
                node=tags.get(NODE_TAG, ""),
            )


_QUESTIONS = (_instances, _security_groups, _key_pairs, _placement_groups, _launch_templates)
