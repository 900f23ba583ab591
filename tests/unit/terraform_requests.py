"""Requests for Terraform folders that several tests render."""

from __future__ import annotations

from dataclasses import replace

from hpcctl.keys import KeyPair
from hpcctl.render import BaseRequest, ClusterRequest, PlannedNode
from hpcctl.spec.model import (
    Base,
    Cloud,
    ClusterSpec,
    Facts,
    FirewallRule,
    GroupImage,
    InstanceFacts,
    Network,
    NodeGroup,
    Spot,
    Volume,
)
from hpcctl.spec.nodes import expand
from tests.specs import plain_spec

AWS = Cloud(profile="lab", region="eu-west-1", aws_profile="lab", owner="ada")
ELSEWHERE = Cloud(profile="sandbox", region="us-east-1", endpoint_url="http://127.0.0.1:4599", owner="ada")
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGyYQL6o0p6sF7QdQY0r0VzYj0mYv1rV6e1pXf4E3n5V"
_FACTS = Facts(
    account="123456789012",
    zone="eu-west-1a",
    types=(
        InstanceFacts(
            name="c5.xlarge", vcpus=4, memory_mib=8192, architecture="x86_64", cluster_placement=True
        ),
    ),
    images=tuple(
        GroupImage(group=group, image_id="ami-0123456789abcdef0", user="admin") for group in ("head", "node")
    ),
    ssh_from=("192.0.2.7/32",),
)
_BASE = Base(
    vpc_id="vpc-1",
    vpc_cidr="10.71.0.0/16",
    subnet_id="subnet-1",
    subnet_cidr="10.71.0.0/20",
    zone="eu-west-1a",
    bucket="hpcctl-123456789012-eu-west-1",
    instance_profile="hpcctl-eu-west-1",
)


def base_request(cloud: Cloud) -> BaseRequest:
    """The first base of an account."""
    return BaseRequest(cloud=cloud, account="123456789012")


def cluster_request(cloud: Cloud, *, nodes: int = 2, **spec: object) -> ClusterRequest:
    """A cluster called demo; ``spec`` replaces fields of its spec."""
    wanted = replace(plain_spec(nodes=nodes, share_gib=50), **spec)  # type: ignore[arg-type]
    return ClusterRequest(
        spec=wanted,
        cloud=cloud,
        facts=_FACTS,
        base=_BASE,
        nodes=_planned(wanted),
        login_key=f"{PUBLIC_KEY} login",
        cluster_id="0a1b2c3d",
        created="2026-01-02T03:04:05+00:00",
        internal_key=f"{PUBLIC_KEY} internal",
    )


def _planned(spec: ClusterSpec) -> tuple[PlannedNode, ...]:
    return tuple(
        PlannedNode(
            node=node,
            private_ip=f"10.71.0.{number}",
            host_key=KeyPair(private=f"the private key of {node.name}\n", public=f"{PUBLIC_KEY} {node.name}"),
        )
        for number, node in enumerate(expand(spec), start=10)
    )


def groups_request(cloud: Cloud) -> ClusterRequest:
    """All that a group, a volume and a rule can say: spot nodes, an EFA, volumes made and there, a rule."""
    request = cluster_request(cloud)
    spec = replace(
        request.spec,
        head=replace(request.spec.head, instance_type="c5.large", runs_jobs=False, placement=False),
        compute=(
            NodeGroup(
                name="node",
                instance_type="c5n.18xlarge",
                count=2,
                efa=True,
                hyper_threading=False,
                placement=True,
            ),
            NodeGroup(
                name="gpu",
                instance_type="p3.2xlarge",
                spot=Spot(max_usd=0.25),
                root_gib=100,
                placement=False,
                public_address=False,
            ),
        ),
        share=replace(request.spec.share, iops=6000, throughput=250, snapshot="snap-0123456789abcdef0"),
        volumes=(
            Volume(name="data", mount="/data", volume_id="vol-0123456789abcdef0"),
            Volume(name="work", mount="/work", gib=500, volume_type="st1", keep=True, shared=False),
        ),
        network=Network(
            security_groups=("sg-0123456789abcdef0",),
            rules=(
                FirewallRule(
                    name="jupyter",
                    protocol="tcp",
                    from_port=8888,
                    to_port=8890,
                    cidrs=("203.0.113.0/24",),
                    description="notebooks",
                ),
                FirewallRule(name="ping", protocol="icmp", from_port=-1, to_port=-1, cidrs=("0.0.0.0/0",)),
            ),
        ),
    )
    return replace(request, spec=spec, facts=_facts_of(spec), nodes=_planned(spec))


def _facts_of(spec: ClusterSpec) -> Facts:
    kinds = (("c5.large", 2, 1), ("c5n.18xlarge", 72, 36), ("p3.2xlarge", 8, 4))
    return replace(
        _FACTS,
        types=tuple(
            InstanceFacts(
                name=name,
                vcpus=vcpus,
                memory_mib=8192,
                architecture="x86_64",
                cluster_placement=True,
                cores=cores,
                threads_per_core=2,
            )
            for name, vcpus, cores in kinds
        ),
        images=tuple(
            GroupImage(group=group.name, image_id="ami-0123456789abcdef0", user="admin")
            for group in spec.groups
        ),
    )
