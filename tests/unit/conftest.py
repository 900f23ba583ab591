"""A cluster of three, as the steps see it."""

import pytest

from hpcctl.inventory import Host
from hpcctl.spec.model import Role
from hpcctl.steps.view import ClusterKey, ClusterView, Disk, HostGroup, HostKey


@pytest.fixture
def view() -> ClusterView:
    """A head and two compute nodes."""
    names = ("head", "node001", "node002")
    return ClusterView(
        name="demo",
        user="hpc",
        hosts=tuple(
            Host(
                name=name,
                role=Role.HEAD if name == "head" else Role.COMPUTE,
                instance_id=f"i-{number}",
                private_ip=f"10.71.0.{10 + number}",
                public_ip=f"127.0.9.{number}",
            )
            for number, name in enumerate(names)
        ),
        host_keys=tuple(HostKey(host=name, public=f"ssh-ed25519 AAAA{name}") for name in names),
        cluster_key=ClusterKey(public="ssh-ed25519 AAAAcluster", private="PRIVATE KEY\n"),
        groups=(
            HostGroup(name="head", hosts=("head",)),
            HostGroup(name="node", hosts=("node001", "node002")),
        ),
        disks=(Disk(name="share", volume_id="vol-0123456789abcdef0", mount="/share", device="sdf"),),
        bucket="hpcctl-123456789012-us-east-1",
        region="us-east-1",
        network="10.71.0.0/16",
        s3_url=None,
        authorized_keys=("ssh-ed25519 AAAAlogin hpcctl-demo", "ssh-ed25519 AAAAcluster hpc@demo"),
    )
