"""All that the account itself says of one cluster: enough to write down again what was lost."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hpcctl.aws import caller, firewall
from hpcctl.aws.base import base_on
from hpcctl.aws.filesystems import mount_targets
from hpcctl.aws.images import DEBIAN_USER, find_images
from hpcctl.aws.instancetypes import described
from hpcctl.aws.questions import all_efs
from hpcctl.aws.session import ec2, explained
from hpcctl.aws.sites import site
from hpcctl.aws.states import ALIVE, InstanceState, instances_of, tags_of
from hpcctl.errors import CloudError
from hpcctl.spec.basenames import base_bucket
from hpcctl.spec.model import (
    HEAD,
    Base,
    Cloud,
    ClusterSpec,
    GroupImage,
    ImageBy,
    ImageChoice,
    InstanceFacts,
    MountTarget,
)
from hpcctl.spec.tags import ID_TAG, read_spec

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import InstanceTypeDef


@dataclass(frozen=True, kw_only=True)
class Remains:
    """One cluster as AWS knows it.

    ``tags`` are those of the head (or of any node where it is gone), and ``spec`` is what they say was asked for;
    ``networks`` may log in; ``login_key`` is the public half of the key pair;
    ``first_boot`` is the head's user data. What is gone is empty or None.
    """

    cluster_id: str
    account: str
    nodes: tuple[InstanceState, ...]
    tags: tuple[tuple[str, str], ...]
    spec: ClusterSpec | None
    images: tuple[GroupImage, ...]
    types: tuple[InstanceFacts, ...]
    base: Base
    share_gib: int | None
    networks: tuple[str, ...]
    login_key: str | None
    first_boot: str
    mount_targets: tuple[MountTarget, ...] = ()


def remains_of(cloud: Cloud, cluster_id: str) -> Remains | None:
    """What there is of a cluster, or None where it has no instance any more. The same few calls for any size."""
    nodes = instances_of(cloud, cluster_id)
    if not nodes:
        return None
    first, samples = nodes[0], _samples(cloud, nodes)
    tags = tags_of(samples[nodes[0].host.group].get("Tags", ()))  # type: ignore[arg-type]
    spec = read_spec(tags)
    with ThreadPoolExecutor(10) as pool:
        account = pool.submit(caller.account, cloud)
        kinds = pool.submit(described, cloud, _type_names(nodes, spec))
        images = pool.submit(_images, cloud, samples, spec)
        base = pool.submit(_base_of, cloud, samples[first.host.group])
        size = pool.submit(_volume_gib, cloud, first.share_volume)
        groups = pool.submit(firewall.firewalls, cloud, cluster_id)
        key = pool.submit(_login_key, cloud, cluster_id)
        boot = pool.submit(_first_boot, cloud, first)
        stands = _as_asked(base.result(), spec, account.result(), cloud)
        return Remains(
            cluster_id=cluster_id,
            account=account.result(),
            nodes=nodes,
            tags=tuple(tags.items()),
            spec=spec,
            images=images.result(),
            types=tuple(answer.facts for answer in kinds.result().values()),
            base=stands,
            share_gib=size.result(),
            networks=tuple(network for group in groups.result() for network in group.networks),
            login_key=key.result(),
            first_boot=boot.result(),
            mount_targets=_mount_targets(cloud, spec, stands),
        )


def _samples(cloud: Cloud, nodes: Sequence[InstanceState]) -> dict[str, InstanceTypeDef]:
    """One instance of every group, as EC2 describes it."""
    chosen = {node.host.group: node.instance_id for node in reversed(nodes)}
    with explained(cloud, f"describe the instances {', '.join(chosen.values())}"):
        answer = ec2(cloud).describe_instances(
            InstanceIds=list(chosen.values()),
            Filters=[{"Name": "instance-state-name", "Values": list(ALIVE)}],
        )
    found = {one["InstanceId"]: one for page in answer["Reservations"] for one in page["Instances"]}
    if set(found) != set(chosen.values()):
        raise CloudError("an instance of the cluster has just gone", hint="repeat the command")
    return {group: found[instance_id] for group, instance_id in chosen.items()}


def _type_names(nodes: Sequence[InstanceState], spec: ClusterSpec | None) -> tuple[str, ...]:
    """Those asked for, the head's first; without a spec those that there are."""
    if spec:
        return spec.instance_types
    return tuple(dict.fromkeys(node.instance_type for node in nodes))


def _images(
    cloud: Cloud, samples: dict[str, InstanceTypeDef], spec: ClusterSpec | None
) -> tuple[GroupImage, ...]:
    """Of every group; one that has no machine any more gets the head's.

    An image that was withdrawn since is no reason to stop: its user matters to new machines alone.
    """
    ids = {group: raw["ImageId"] for group, raw in samples.items()}
    choices = {id_: ImageChoice(by=ImageBy.ID, value=id_) for id_ in dict.fromkeys(ids.values())}
    known = find_images(cloud, choices.values())
    users = {id_: known[choice][0].user if known[choice] else DEBIAN_USER for id_, choice in choices.items()}
    common = ids.get(HEAD, next(iter(ids.values())))
    groups = [group.name for group in spec.groups] if spec else list(ids)
    return tuple(
        GroupImage(group=group, image_id=ids.get(group, common), user=users[ids.get(group, common)])
        for group in groups
    )


def _base_of(cloud: Cloud, raw: InstanceTypeDef) -> Base:
    """Where the machine stands: that can be told without any tag."""
    profile = raw.get("IamInstanceProfile", {}).get("Arn", "").rpartition("/")[2]
    return base_on(cloud, site(cloud, raw["SubnetId"]), profile=profile or None)


def _as_asked(base: Base, spec: ClusterSpec | None, account: str, cloud: Cloud) -> Base:
    """The base with the bucket that the cluster has."""
    if spec and not spec.permanent:
        return replace(base, bucket=None)
    named = spec.bucket if spec else None
    return replace(base, bucket=named or base.bucket or base_bucket(account, cloud.region))


def _mount_targets(cloud: Cloud, spec: ClusterSpec | None, base: Base) -> tuple[MountTarget, ...]:
    if not spec or not spec.efs:
        return ()
    return mount_targets(spec, all_efs(cloud, spec), base.vpc_id, base.zone)


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
