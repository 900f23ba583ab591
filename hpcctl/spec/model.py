"""What the user wants, and where: frozen records without any behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

LOGIN_UID = 1500
"""uid and gid of the login user on every node, above what images and packages give out."""

LOCAL = "local"
S3 = "s3"

SANDBOX = "sandbox"
"""The profile that is AWS on this machine."""


BOOT_SECONDS = (15, 7200)
"""The least and the most time that a machine may be given to boot."""

HEAD = "head"
"""The name of the head, and of the group that it is."""

DEFAULT_GROUP = "node"
"""The compute group of a cluster that was made from the words of a command line."""

SHARE = "share"
"""The name of the volume behind /share, which every cluster has."""

DEBIAN = "debian-12"
"""The image where none is asked for."""


class Role(str, Enum):
    """What a node is. The head is master, submit host and file server."""

    HEAD = "head"
    COMPUTE = "compute"


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """A place where clusters are made: one profile, resolved.

    ``endpoint_url`` is where the API answers (``None``: AWS itself); ``node_endpoint_url`` is the same
    API as the nodes reach it. ``ssh_from`` is who may log in by default (none: the caller's own address);
    ``address_service`` answers with that address (``None``: AWS's own service for it). ``boot_seconds`` is how
    long a machine may take to answer: minutes where a stock image installs packages, seconds with a baked one.
    ``state`` is where clusters are written down: ``local`` (this machine alone) or ``s3`` (a bucket, for a team).
    ``role_arn`` is the role to assume, if any.
    """

    profile: str
    region: str
    aws_profile: str | None = None
    endpoint_url: str | None = None
    node_endpoint_url: str | None = None
    ssh_port: int = 22
    ssh_from: tuple[str, ...] = ()
    address_service: str | None = None
    boot_seconds: int = 900
    owner: str = ""
    state: str = LOCAL
    role_arn: str | None = None


class ImageBy(str, Enum):
    """How an image is named: ``ami-…``, a name filter (the newest that matches), or a distribution."""

    ID = "id"
    NAME = "name"
    DISTRIBUTION = "distribution"


@dataclass(frozen=True, kw_only=True)
class ImageChoice:
    """An image as the user names it; ``owner`` (account id, ``self``, ``amazon``) goes with a name filter."""

    by: ImageBy
    value: str
    owner: str = "self"


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Nodes on spot capacity; ``max_usd`` is the most to be paid by the hour (None: up to the on-demand price)."""

    max_usd: float | None = None


@dataclass(frozen=True, kw_only=True)
class Script:
    """An extra first-boot script; ``name`` is that of its file."""

    name: str
    text: str


@dataclass(frozen=True, kw_only=True)
class NodeGroup:
    """Like nodes: the head, or a compute group, whose ``name`` begins its nodes' names (``gpu001`` …).

    ``root_gib`` is in GiB. ``placement``: in the cluster placement group (None: where the type can). The head alone
    may decline jobs (``runs_jobs``). ``image`` None: the cluster's.
    """

    name: str
    instance_type: str
    count: int = 1
    spot: Spot | None = None
    root_gib: int = 20
    cpus_per_slot: int = 1
    hyper_threading: bool = True
    efa: bool = False
    placement: bool | None = None
    public_address: bool = True
    runs_jobs: bool = True
    image: ImageChoice | None = None
    scripts: tuple[Script, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Volume:
    """An EBS volume of the head: made new (``gib`` GiB, perhaps from ``snapshot``) or there already (``volume_id``).

    ``throughput`` is in MiB/s. ``shared``: served by NFS to all nodes. ``keep``: it outlives the cluster.
    """

    name: str
    mount: str
    gib: int | None = None
    volume_type: str = "gp3"
    iops: int | None = None
    throughput: int | None = None
    file_system: str = "ext4"
    snapshot: str | None = None
    volume_id: str | None = None
    keep: bool = False
    shared: bool = True


def share_of(gib: int) -> Volume:
    """A plain volume for /share."""
    return Volume(name=SHARE, mount="/share", gib=gib)


@dataclass(frozen=True, kw_only=True)
class Efs:
    """An EFS file system that exists, mounted on all nodes."""

    name: str
    file_system_id: str
    mount: str


@dataclass(frozen=True, kw_only=True)
class FirewallRule:
    """What else may come in to the head: ``protocol`` tcp, udp or icmp, ports with both ends."""

    name: str
    protocol: str
    from_port: int
    to_port: int
    cidrs: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Network:
    """Where the nodes stand: in our base (no ``subnet``), or in a subnet that exists."""

    vpc: str | None = None
    subnet: str | None = None
    security_groups: tuple[str, ...] = ()
    instance_profile: str | None = None
    rules: tuple[FirewallRule, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Authorized:
    """Somebody else who may log in, with a public key."""

    user: str
    public_key: str


@dataclass(frozen=True, kw_only=True)
class ClusterSpec:
    """One cluster as the user asked for it, checked on its own terms.

    ``None`` means: chosen by preflight. ``zones`` are in order of preference (none: any). ``permanent``: it has
    /permanent; ``bucket`` is behind that (None: the base's). ``lifetime_seconds`` after their last start the machines
    switch themselves off. ``class_name`` is the class that this cluster is one of (``lab`` of ``lab-01``).
    With at least ``min_nodes`` good ones (``None``: all) the cluster goes on; a machine that has not answered
    ``boot_seconds`` after its start is lost (``None``: as the cloud says).
    """

    name: str
    head: NodeGroup
    share: Volume
    compute: tuple[NodeGroup, ...] = ()
    volumes: tuple[Volume, ...] = ()
    efs: tuple[Efs, ...] = ()
    permanent: bool = True
    bucket: str | None = None
    network: Network = Network()
    user: str = "hpc"
    shell: str = "/bin/bash"
    zones: tuple[str, ...] = ()
    image: ImageChoice | None = None
    public_key: str | None = None
    authorized: tuple[Authorized, ...] = ()
    ssh_from: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    scheduler: str = "sge"
    lifetime_seconds: int | None = None
    min_nodes: int | None = None
    boot_seconds: int | None = None
    class_name: str = ""

    @property
    def groups(self) -> tuple[NodeGroup, ...]:
        """The head and then the compute groups."""
        return (self.head, *self.compute)

    def group(self, name: str) -> NodeGroup:
        """The group of this name, which must be there."""
        return next(group for group in self.groups if group.name == name)

    @property
    def nodes(self) -> int:
        """How many there are in all, the head included."""
        return sum(group.count for group in self.groups)

    @property
    def instance_types(self) -> tuple[str, ...]:
        """Each once, the head's first."""
        return tuple(dict.fromkeys(group.instance_type for group in self.groups))


def like_nodes(nodes: int, instance_type: str) -> tuple[NodeGroup, tuple[NodeGroup, ...]]:
    """The head, and the compute group of a cluster of ``nodes`` like machines (the head counts)."""
    head = NodeGroup(name=HEAD, instance_type=instance_type)
    if nodes == 1:
        return head, ()
    return head, (NodeGroup(name=DEFAULT_GROUP, instance_type=instance_type, count=nodes - 1),)


@dataclass(frozen=True, kw_only=True)
class Node:
    """One host of the plan: ``head``, ``node001`` …"""

    name: str
    role: Role
    group: str


@dataclass(frozen=True, kw_only=True)
class InstanceFacts:
    """What DescribeInstanceTypes says of one type; ``network`` in its own words (``Up to 10 Gigabit``)."""

    name: str
    vcpus: int
    memory_mib: int
    architecture: str
    cluster_placement: bool
    cores: int = 0
    threads_per_core: int = 1
    efa: bool = False
    network: str = ""


@dataclass(frozen=True, kw_only=True)
class Base:
    """What a cluster stands on: a subnet, and what of the base (or of the user's own) its nodes use.

    ``bucket`` None: no /permanent; ``instance_profile`` None: the nodes have no role. ``nat``: nodes without a public
    address reach the internet by themselves.
    """

    vpc_id: str
    vpc_cidr: str
    subnet_id: str
    subnet_cidr: str
    zone: str
    bucket: str | None = None
    instance_profile: str | None = None
    nat: bool = False


@dataclass(frozen=True, kw_only=True)
class MountTarget:
    """The address of an EFS file system in the cluster's zone."""

    file_system_id: str
    address: str


@dataclass(frozen=True, kw_only=True)
class GroupImage:
    """The image of a group, and the user that the distribution made on it."""

    group: str
    image_id: str
    user: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that preflight learned from the API and that rendering needs."""

    account: str
    zone: str
    types: tuple[InstanceFacts, ...]
    images: tuple[GroupImage, ...]
    ssh_from: tuple[str, ...]
    notes: tuple[str, ...] = ()
    mount_targets: tuple[MountTarget, ...] = ()

    def type(self, name: str) -> InstanceFacts:
        """What the type of this name is; KeyError where nobody asked."""
        return {one.name: one for one in self.types}[name]

    def image(self, group: str) -> GroupImage:
        """The image of the group of this name; KeyError where there is no such group."""
        return {one.group: one for one in self.images}[group]
