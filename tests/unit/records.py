"""Records that many tests start from."""

from __future__ import annotations

from dataclasses import replace

from hpcctl.inventory import Host, HostVolume, Inventory
from hpcctl.spec.model import (
    Base,
    Cloud,
    Facts,
    GroupImage,
    InstanceFacts,
    Role,
)
from hpcctl.state import ClusterRecord, Phase, Timing
from tests.specs import plain_spec

SPEC = replace(plain_spec(share_gib=50), tags=(("project", "wing"),))
CLOUD = Cloud(profile="lab", region="us-east-1", endpoint_url="http://127.0.0.1:1", ssh_port=2222, owner="me")
FACTS = Facts(
    account="123456789012",
    zone="us-east-1a",
    types=(
        InstanceFacts(
            name="c5.xlarge", vcpus=4, memory_mib=8192, architecture="x86_64", cluster_placement=True
        ),
    ),
    images=tuple(
        GroupImage(group=group, image_id="ami-0123456789abcdef0", user="admin") for group in ("head", "node")
    ),
    ssh_from=("127.0.0.0/8",),
    notes=("a note",),
)
BASE = Base(
    vpc_id="vpc-1",
    vpc_cidr="10.0.0.0/16",
    subnet_id="subnet-1",
    subnet_cidr="10.0.0.0/20",
    zone="us-east-1a",
    bucket="hpcctl-permanent",
    instance_profile="hpcctl",
)
INVENTORY = Inventory(
    hosts=(
        Host(
            name="head",
            role=Role.HEAD,
            group="head",
            instance_id="i-1",
            private_ip="10.0.0.10",
            public_ip="127.1.2.3",
        ),
        Host(
            name="node001",
            role=Role.COMPUTE,
            group="node",
            instance_id="i-2",
            private_ip="10.0.0.11",
            public_ip="127.1.2.4",
        ),
    ),
    volumes=(HostVolume(name="share", volume_id="vol-1"),),
)
RECORD = ClusterRecord(
    spec=SPEC,
    cloud=CLOUD,
    phase=Phase.READY,
    created="2026-01-02T03:04:05+00:00",
    cluster_id="0a1b2c3d",
    facts=FACTS,
    base=BASE,
    inventory=INVENTORY,
    addresses=("10.0.0.10", "10.0.0.11"),
    timings=(Timing(name="Terraform", seconds=12.5), Timing(name="apply", seconds=10.0, depth=1)),
)
