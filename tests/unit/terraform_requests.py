"""Requests for Terraform folders that several tests render."""

from __future__ import annotations

from dataclasses import replace

from hpcctl.keys import KeyPair
from hpcctl.render import BaseRequest, ClusterRequest, PlannedNode
from hpcctl.spec.model import Base, Cloud, Facts, GroupImage, InstanceFacts
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
        nodes=tuple(
            PlannedNode(
                node=node,
                private_ip=f"10.71.0.{number}",
                host_key=KeyPair(
                    private=f"the private key of {node.name}\n", public=f"{PUBLIC_KEY} {node.name}"
                ),
            )
            for number, node in enumerate(expand(wanted), start=10)
        ),
        login_key=f"{PUBLIC_KEY} login",
        cluster_id="0a1b2c3d",
        created="2026-01-02T03:04:05+00:00",
        internal_key=f"{PUBLIC_KEY} internal",
    )
