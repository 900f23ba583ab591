"""A cluster of three, as the steps see it; and locks that are quickly refused."""

from dataclasses import replace

import pytest

from hpcctl import locks
from hpcctl.inventory import Host
from hpcctl.spec.model import Role
from hpcctl.spec.nodes import group_of
from hpcctl.steps.view import ClusterKey, ClusterView, Disk, EfsMount, HostGroup, HostKey, Lifetime


@pytest.fixture
def unobserved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody merely looks whether a lock is held: who finds it taken need not look again for half a second."""
    monkeypatch.setattr(locks, "GLANCE_SECONDS", 0.0)


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
                group=group_of(name),
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


@pytest.fixture
def rich(view: ClusterView) -> ClusterView:
    """The same with all that a cluster file may add: groups, volumes, EFS, scripts, a shell, a lifetime; no bucket."""
    return replace(
        view,
        groups=(
            HostGroup(name="head", hosts=("head",), runs_jobs=False),
            HostGroup(name="node", hosts=("node001", "node002"), cpus_per_slot=2),
        ),
        disks=(
            *view.disks,
            Disk(
                name="data",
                volume_id="vol-0aaaaaaaaaaaaaaa1",
                mount="/data/long-term",
                device="sdg",
                grows=False,
            ),
            Disk(
                name="fast",
                volume_id="vol-0aaaaaaaaaaaaaaa2",
                mount="/fast",
                device="sdh",
                file_system="xfs",
                shared=False,
            ),
        ),
        efs=(EfsMount(name="models", address="fs-0123.efs.us-east-1.amazonaws.com", mount="/models"),),
        bucket=None,
        shell="/usr/bin/zsh",
        scripts=True,
        lifetime=Lifetime(ends=1_800_000_000, seconds=12 * 3600),
    )
