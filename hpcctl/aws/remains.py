"""All that the account itself says of one cluster: enough to write down again what was lost."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpcctl.aws import caller, firewall
from hpcctl.aws.base import find_base
from hpcctl.aws.images import DEBIAN_USER, find_images
from hpcctl.aws.instancetypes import instance_facts
from hpcctl.aws.session import ec2, explained
from hpcctl.aws.states import ALIVE, InstanceState, instances_of, tags_of
from hpcctl.errors import CloudError, SpecError
from hpcctl.spec.model import HEAD, Base, Cloud, ImageBy, ImageChoice, InstanceFacts
from hpcctl.spec.tags import ID_TAG

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import InstanceTypeDef


@dataclass(frozen=True, kw_only=True)
class Remains:
    """One cluster as AWS knows it.

    ``tags`` are those of the head (or of any node where it is gone); ``networks`` may log in; ``login_key`` is the
    public half of the key pair; ``first_boot`` is the head's user data. What is gone is empty or None.
    """

    cluster_id: str
    account: str
    nodes: tuple[InstanceState, ...]
    tags: tuple[tuple[str, str], ...]
    image_id: str
    image_user: str
    instance: InstanceFacts
    base: Base
    share_gib: int | None
    networks: tuple[str, ...]
    login_key: str | None
    first_boot: str


def remains_of(cloud: Cloud, cluster_id: str) -> Remains | None:
    """What there is of a cluster, or None where it has no instance any more. The same few calls for any size."""
    nodes = instances_of(cloud, cluster_id)
    if not nodes:
        return None
    first = nodes[0]
    raw = _instance(cloud, first.instance_id)
    with ThreadPoolExecutor(8) as pool:
        account = pool.submit(caller.account, cloud)
        kind = pool.submit(instance_facts, cloud, first.instance_type)
        user = pool.submit(_image_user, cloud, raw["ImageId"])
        base = pool.submit(_base_of, cloud, first.zone)
        size = pool.submit(_volume_gib, cloud, first.share_volume)
        groups = pool.submit(firewall.firewalls, cloud, cluster_id)
        key = pool.submit(_login_key, cloud, cluster_id)
        boot = pool.submit(_first_boot, cloud, first)
        return Remains(
            cluster_id=cluster_id,
            account=account.result(),
            nodes=nodes,
            tags=tuple(tags_of(raw.get("Tags", ())).items()),  # type: ignore[arg-type]
            image_id=raw["ImageId"],
            image_user=user.result(),
            instance=kind.result(),
            base=base.result(),
            share_gib=size.result(),
            networks=tuple(network for group in groups.result() for network in group.networks),
            login_key=key.result(),
            first_boot=boot.result(),
        )


def _instance(cloud: Cloud, instance_id: str) -> InstanceTypeDef:
    with explained(cloud, f"describe the instance {instance_id}"):
        answer = ec2(cloud).describe_instances(
            InstanceIds=[instance_id], Filters=[{"Name": "instance-state-name", "Values": list(ALIVE)}]
        )
    found = [one for reservation in answer["Reservations"] for one in reservation["Instances"]]
    if not found:
        raise CloudError(f"the instance {instance_id} has just gone", hint="repeat the command")
    return found[0]


def _image_user(cloud: Cloud, image_id: str) -> str:
    """An image that was withdrawn since is no reason to stop: its user matters to new machines alone."""
    try:
        return find_images(cloud, ImageChoice(by=ImageBy.ID, value=image_id)).by_architecture[0][1].user
    except SpecError:
        return DEBIAN_USER


def _base_of(cloud: Cloud, zone: str) -> Base:
    base = find_base(cloud, zone)
    if base is None:
        raise CloudError(
            f"the base of the clusters in {cloud.region} is gone or incomplete",
            hint="the next `hpcctl create` makes it anew; a cluster of an earlier one can only be removed:"
            " hpcctl doctor --orphans --remove",
        )
    return base


def _volume_gib(cloud: Cloud, volume_id: str | None) -> int | None:
    if volume_id is None:
        return None
    with explained(cloud, f"describe the volume {volume_id}"):
        return ec2(cloud).describe_volumes(VolumeIds=[volume_id])["Volumes"][0]["Size"]


def _login_key(cloud: Cloud, cluster_id: str) -> str | None:
    with explained(cloud, "describe the key pair"):
        found = ec2(cloud).describe_key_pairs(Filters=_tagged(cluster_id), IncludePublicKey=True)["KeyPairs"]
    return found[0].get("PublicKey", "").strip() or None if found else None


def _first_boot(cloud: Cloud, first: InstanceState) -> str:
    """The head's user data; empty where that may not be read."""
    if first.node != HEAD:
        return ""
    try:
        with explained(cloud, "read the head's user data"):
            answer = ec2(cloud).describe_instance_attribute(
                InstanceId=first.instance_id, Attribute="userData"
            )
    except CloudError:
        return ""
    return base64.b64decode(answer["UserData"].get("Value", "")).decode(errors="replace")


def _tagged(cluster_id: str) -> Any:
    return [{"Name": f"tag:{ID_TAG}", "Values": [cluster_id]}]
