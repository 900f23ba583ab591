"""What is asked before a cluster is made: everything at the same time, and nothing that the cluster does not name."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from hpcctl.aws import caller, images, instancetypes, quotas, states
from hpcctl.aws.base import Ground, find_ground
from hpcctl.aws.existing import require_bucket, require_profile
from hpcctl.aws.filesystems import PresentEfs, present_efs
from hpcctl.aws.images import Images
from hpcctl.aws.judging import group_key, image_choice
from hpcctl.aws.quotas import Key, VcpuQuota
from hpcctl.aws.sites import Site, groups_here, site
from hpcctl.aws.volumes import PresentSnapshot, PresentVolume, all_volumes, present_snapshots, present_volumes
from hpcctl.spec.model import Cloud, ClusterSpec


@dataclass(frozen=True, kw_only=True)
class Questions:
    """One future for everything that is asked; None for what the cluster does not name."""

    account: Future[str]
    zones: Future[tuple[str, ...]]
    types: Future[dict[str, instancetypes.TypeAnswer]]
    offered: Future[dict[str, tuple[str, ...]]]
    images: Future[Images]
    quotas: Future[dict[Key, VcpuQuota | None]]
    taken: Future[tuple[states.InstanceState, ...]]
    ssh_from: Future[tuple[str, ...]]
    volumes: Future[dict[str, PresentVolume]]
    snapshots: Future[dict[str, PresentSnapshot]]
    efs: Future[dict[str, PresentEfs]]
    site: Future[Site] | None
    ground: Future[Ground | None] | None
    groups: Future[dict[str, str]]
    profile: Future[bool] | None
    bucket: Future[str] | None


def ask(spec: ClusterSpec, cloud: Cloud, pool: ThreadPoolExecutor) -> Questions:
    """Send them all."""

    def ssh_from() -> tuple[str, ...]:
        return spec.ssh_from or cloud.ssh_from or (caller.own_network(cloud),)

    network = spec.network
    snapshots = [volume.snapshot for volume in all_volumes(spec) if volume.snapshot]
    keys = frozenset(group_key(group) for group in spec.groups)
    own_vpc = bool(spec.efs or network.security_groups) and not network.subnet
    return Questions(
        account=pool.submit(caller.account, cloud),
        zones=pool.submit(instancetypes.available_zones, cloud),
        types=pool.submit(instancetypes.described, cloud, spec.instance_types),
        offered=pool.submit(instancetypes.offerings, cloud, spec.instance_types),
        images=pool.submit(images.find_images, cloud, [image_choice(spec, group) for group in spec.groups]),
        quotas=pool.submit(quotas.vcpu_quotas, cloud, keys),
        taken=pool.submit(states.instances, cloud, spec.name),
        ssh_from=pool.submit(ssh_from),
        volumes=pool.submit(present_volumes, cloud, volume_ids(spec)),
        snapshots=pool.submit(present_snapshots, cloud, snapshots),
        efs=pool.submit(all_efs, cloud, spec),
        site=pool.submit(site, cloud, network.subnet) if network.subnet else None,
        ground=pool.submit(find_ground, cloud) if own_vpc else None,
        groups=pool.submit(groups_here, cloud, network.security_groups),
        profile=pool.submit(require_profile, cloud, network.instance_profile)
        if network.instance_profile
        else None,
        bucket=pool.submit(require_bucket, cloud, spec.bucket) if spec.bucket else None,
    )


def volume_ids(spec: ClusterSpec) -> tuple[str, ...]:
    """The volumes that are there already."""
    return tuple(volume.volume_id for volume in all_volumes(spec) if volume.volume_id)


def all_efs(cloud: Cloud, spec: ClusterSpec) -> dict[str, PresentEfs]:
    """The file systems that the cluster names, by id."""
    ids = dict.fromkeys(one.file_system_id for one in spec.efs)
    return {one: present_efs(cloud, one) for one in ids}


def stands_on(cloud: Cloud, spec: ClusterSpec) -> tuple[Site | None, str | None]:
    """The subnet of the user's own, and the VPC where that matters and is there already."""
    if spec.network.subnet:
        found = site(cloud, spec.network.subnet)
        return found, found.vpc_id
    ground = find_ground(cloud) if spec.efs else None
    return None, ground.base.vpc_id if ground else None
