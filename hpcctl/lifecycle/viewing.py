"""A record and its workspace as the steps see them, and as one logs in."""

from __future__ import annotations

from hpcctl.errors import StateError
from hpcctl.remote.ssh import Target
from hpcctl.sshconfig import host_alias, read_known_hosts
from hpcctl.state import ClusterRecord
from hpcctl.steps.view import ClusterKey, ClusterView, HostKey
from hpcctl.workspace import Workspace


def cluster_view(workspace: Workspace, record: ClusterRecord) -> ClusterView:
    """What steps may know of this cluster. StateError while Terraform has not reported its hosts."""
    if not (record.inventory and record.base):
        raise StateError(
            f"{record.spec.name} has no machines yet", hint="run the same `hpcctl create` again to finish it"
        )
    name, hosts = record.spec.name, record.inventory.hosts
    known = read_known_hosts(workspace.known_hosts.read_text())
    return ClusterView(
        name=name,
        user=record.spec.user,
        hosts=hosts,
        host_keys=tuple(HostKey(host=host.name, public=known[host_alias(name, host.name)]) for host in hosts),
        cluster_key=ClusterKey(
            public=workspace.cluster_key.with_suffix(".pub").read_text(),
            private=workspace.cluster_key.read_text(),
        ),
        share_volume_id=record.inventory.share_volume_id,
        bucket=record.base.bucket,
        role=record.base.instance_profile,  # profile and role have one name
        region=record.cloud.region,
        network=record.base.vpc_cidr,
        s3_url=record.cloud.node_endpoint_url,
    )


def login_target(workspace: Workspace, record: ClusterRecord, view: ClusterView) -> Target:
    """The way to the head. StateError where it has no address."""
    if not view.head.public_ip:
        raise StateError(f"the head of {view.name} has no address", hint="is it stopped? `hpcctl show` tells")
    return Target(
        name=host_alias(view.name, view.head.name),
        address=view.head.public_ip,
        port=record.cloud.ssh_port,
        user=view.user,
        key_file=workspace.identity,
        host_key=view.host_keys[0].public,
    )
