"""A record and its workspace as the steps see them, and as one logs in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from hpcctl.errors import StateError
from hpcctl.inventory import Inventory
from hpcctl.lifecycle.hostkeys import accepted_host_keys, is_settled, new_host_keys
from hpcctl.remote.ssh import Target
from hpcctl.spec.model import Base, ClusterSpec
from hpcctl.spec.volumes import attached_volumes
from hpcctl.sshconfig import host_alias
from hpcctl.state import ClusterRecord
from hpcctl.steps.storage import aws_suffix
from hpcctl.steps.view import (
    Account,
    ClusterKey,
    ClusterView,
    Disk,
    EfsMount,
    HostGroup,
    HostKey,
    Lifetime,
    NewHostKey,
)
from hpcctl.workspace import Workspace


def cluster_view(workspace: Workspace, record: ClusterRecord) -> ClusterView:
    """What steps may know of this cluster. StateError while Terraform has not reported its hosts."""
    if not (record.inventory and record.base):
        raise StateError(
            f"{record.spec.name} has no machines yet", hint="run the same `hpcctl create` again to finish it"
        )
    name, hosts = record.spec.name, record.inventory.hosts
    known, coming = accepted_host_keys(workspace), new_host_keys(workspace)
    return ClusterView(
        name=name,
        user=record.spec.user,
        hosts=hosts,
        host_keys=tuple(_host_key(host.name, known.get(host.name, ())) for host in hosts),
        cluster_key=ClusterKey(
            public=workspace.cluster_key.with_suffix(".pub").read_text(),
            private=workspace.cluster_key.read_text(),
        ),
        groups=_groups(record.spec, record.inventory),
        disks=_disks(record.spec, record.inventory),
        efs=_efs(record),
        bucket=_bucket(record.spec, record.base),
        region=record.cloud.region,
        network=record.base.vpc_cidr,
        s3_url=record.cloud.node_endpoint_url,
        authorized_keys=authorized_keys(workspace, record),
        new_host_keys=tuple(
            NewHostKey(host=host.name, public=coming[host.name].public, private=coming[host.name].private)
            for host in hosts
            if host.name in coming
        ),
        boot_seconds=record.boot_seconds,
        accounts=accounts_of(record.spec),
        shell=record.spec.shell,
        scripts=any(group.scripts for group in record.spec.groups),
        lifetime=_lifetime(record),
    )


def _groups(spec: ClusterSpec, inventory: Inventory) -> tuple[HostGroup, ...]:
    return tuple(
        HostGroup(
            name=group.name,
            hosts=tuple(host.name for host in inventory.hosts if host.group == group.name),
            cpus_per_slot=group.cpus_per_slot,
            runs_jobs=group.runs_jobs,
        )
        for group in spec.groups
    )


def _disks(spec: ClusterSpec, inventory: Inventory) -> tuple[Disk, ...]:
    return tuple(
        Disk(
            name=volume.name,
            volume_id=volume.volume_id or inventory.volume_id(volume.name),
            mount=volume.mount,
            device=one.device,
            file_system=volume.file_system,
            shared=volume.shared,
            grows=volume.volume_id is None,
        )
        for one in attached_volumes(spec)
        for volume in (one.volume,)
    )


def _efs(record: ClusterRecord) -> tuple[EfsMount, ...]:
    """By the address that preflight has found: the name is known only where the VPC gives names to its hosts."""
    region, targets = record.cloud.region, record.facts.mount_targets if record.facts else ()
    addresses = {target.file_system_id: target.address for target in targets}
    return tuple(
        EfsMount(
            name=efs.name,
            address=addresses.get(efs.file_system_id)
            or f"{efs.file_system_id}.efs.{region}.{aws_suffix(region)}",
            mount=efs.mount,
        )
        for efs in record.spec.efs
    )


def _bucket(spec: ClusterSpec, base: Base) -> str | None:
    return (spec.bucket or base.bucket) if spec.permanent else None


def _lifetime(record: ClusterRecord) -> Lifetime | None:
    if not (record.expires and record.spec.lifetime_seconds):
        return None
    ends = datetime.fromisoformat(record.expires)
    return Lifetime(ends=int(ends.timestamp()), seconds=record.spec.lifetime_seconds)


def with_settled_keys(view: ClusterView, nodes: Collection[str]) -> ClusterView:
    """The view once these nodes show no other key than their new one."""
    keys = tuple(replace(key, former=()) if key.host in nodes else key for key in view.host_keys)
    return replace(view, host_keys=keys)


def _host_key(node: str, accepted: tuple[str, ...]) -> HostKey:
    if not accepted:
        raise StateError(f"the host key of {node} is not known here", hint="put a good known_hosts back")
    return HostKey(host=node, public=accepted[0], former=accepted[1:])


def authorized_keys(workspace: Workspace, record: ClusterRecord) -> tuple[str, ...]:
    """The public keys that this machine knows of: its own, the user's own, and that of the nodes."""
    files = (workspace.identity.with_suffix(".pub"), workspace.cluster_key.with_suffix(".pub"))
    login, internal = (path.read_text(encoding="utf-8") for path in files)
    return tuple(" ".join(key.split()) for key in (login, record.spec.public_key, internal) if key)


def accounts_of(spec: ClusterSpec) -> tuple[Account, ...]:
    """Everybody who was let in by name, in the order in which they were named, with all their keys."""
    users = dict.fromkeys(one.user for one in spec.authorized)
    return tuple(
        Account(user=user, keys=tuple(one.public_key for one in spec.authorized if one.user == user))
        for user in users
    )


def login_target(workspace: Workspace, record: ClusterRecord, view: ClusterView) -> Target:
    """The way to the head. StateError where it has no address."""
    address = record.head_address
    if not address:
        raise StateError(
            f"the head of {view.name} has no address", hint=f"is it stopped? hpcctl show {view.name}"
        )
    return Target(
        name=host_alias(view.name, view.head.name),
        address=address,
        port=record.cloud.ssh_port,
        user=view.user,
        key_file=workspace.identity,
        host_keys=view.host_keys[0].accepted,
        settled=is_settled(workspace, view.head.name),
    )
