"""What the user wants, and where: frozen records without any behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

LOGIN_UID = 1500
"""uid and gid of the login user on every node, above what images and packages give out."""

LOCAL = "local"
S3 = "s3"


BOOT_SECONDS = (15, 7200)
"""The least and the most time that a machine may be given to boot."""


class Role(str, Enum):
    """What a node is. The head is master, submit host and file server, and computes as well."""

    HEAD = "head"
    COMPUTE = "compute"


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """A place where clusters are made: one profile, resolved.

    ``endpoint_url`` is where the API answers (``None``: AWS itself); ``node_endpoint_url`` is the same
    API as the nodes reach it. ``ssh_from`` is who may log in by default (``None``: the caller's own address);
    ``address_service`` answers with that address (``None``: AWS's own service for it). ``boot_seconds`` is how
    long a machine may take to answer: minutes where a stock image installs packages, seconds with a baked one.
    ``state`` is where clusters are written down: ``local`` (this machine alone) or ``s3`` (a bucket, for a team).
    """

    profile: str
    region: str
    aws_profile: str | None = None
    endpoint_url: str | None = None
    node_endpoint_url: str | None = None
    ssh_port: int = 22
    ssh_from: str | None = None
    address_service: str | None = None
    boot_seconds: int = 900
    owner: str = ""
    state: str = LOCAL


@dataclass(frozen=True, kw_only=True)
class Authorized:
    """Somebody else who may log in, with a public key."""

    user: str
    public_key: str


@dataclass(frozen=True, kw_only=True)
class ClusterSpec:
    """One cluster as the user asked for it, checked on its own terms (see ``spec.arguments``).

    ``nodes`` counts the head; ``share_gib`` is the size of /share in GiB, as EBS counts.
    ``None`` means: chosen by preflight. With at least ``min_nodes`` good ones (``None``: all) the cluster goes on;
    a machine that has not answered ``boot_seconds`` after its start is lost (``None``: as the cloud says).
    ``class_name``: of the class that this cluster is one of (``lab`` of ``lab-01``).
    """

    name: str
    nodes: int
    instance_type: str
    share_gib: int
    user: str = "hpc"
    zone: str | None = None
    image: str | None = None
    public_key: str | None = None
    ssh_from: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    min_nodes: int | None = None
    boot_seconds: int | None = None
    authorized: tuple[Authorized, ...] = ()
    class_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Node:
    """One host of the plan: ``head``, ``node001`` …"""

    name: str
    role: Role


@dataclass(frozen=True, kw_only=True)
class InstanceFacts:
    """What DescribeInstanceTypes says of the type asked for."""

    name: str
    vcpus: int
    memory_mib: int
    architecture: str
    cluster_placement: bool


@dataclass(frozen=True, kw_only=True)
class Base:
    """What all clusters of one account and region share; found by its tags."""

    vpc_id: str
    vpc_cidr: str
    subnet_id: str
    subnet_cidr: str
    zone: str
    bucket: str
    instance_profile: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that preflight learned from the API and that rendering needs."""

    account: str
    zone: str
    image_id: str
    image_user: str
    instance: InstanceFacts
    ssh_from: str
    notes: tuple[str, ...] = ()
