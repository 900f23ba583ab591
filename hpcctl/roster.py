"""Every host of the clusters, as other tools want to know them: what is remembered, and what the clouds say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hpcctl.overview import ClusterStatus
from hpcctl.spec.model import Role
from hpcctl.sshconfig import host_alias, read_known_hosts
from hpcctl.state import ClusterRecord
from hpcctl.templating import render_template
from hpcctl.workspace import Workspace

if TYPE_CHECKING:
    from hpcctl.aws import InstanceState
    from hpcctl.inventory import Host


@dataclass(frozen=True, kw_only=True)
class HostLine:
    """One host. ``host`` is its name for ssh; ``state`` is EC2's word (None: no cloud was asked, or none answered)."""

    host: str
    cluster: str
    class_name: str
    node: str
    role: Role
    group: str
    state: str | None
    instance_id: str
    instance_type: str
    private_ip: str | None
    public_ip: str | None

    @property
    def address(self) -> str | None:
        """By which it is reached from here: a compute node is behind its head."""
        return self.public_ip or self.private_ip if self.role is Role.HEAD else self.private_ip


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One person and one cluster: what they put into their own ssh configuration."""

    cluster: str
    user: str
    address: str | None
    port: int
    alias: str
    host_key: str


def roster(statuses: Sequence[ClusterStatus]) -> tuple[HostLine, ...]:
    """The hosts of all of them, cluster by cluster, the head first; none of a cluster whose record is damaged."""
    return tuple(line for status in statuses if status.record for line in _lines(status, status.record))


def seats(statuses: Sequence[ClusterStatus], workspaces: Sequence[Workspace]) -> tuple[Seat, ...]:
    """Who may log in where, by the present address of the head; of clusters that have one."""
    found = []
    for status, workspace in zip(statuses, workspaces, strict=True):
        heads = [line for line in roster([status]) if line.role is Role.HEAD]
        if heads and status.record:
            found += _seats(status.record, heads[0], workspace)
    return tuple(found)


def as_text(lines: Sequence[HostLine], kind: str, *, ssh_config: str) -> str:
    """In the format of another tool: ``ansible``, ``etc-hosts`` or ``names``."""
    clusters = tuple(dict.fromkeys((line.cluster, line.class_name) for line in lines))
    return render_template(f"hosts/{kind}.j2", lines=lines, clusters=clusters, ssh_config=ssh_config)


def seats_text(found: Sequence[Seat]) -> str:
    """A block for each, ready to be pasted."""
    return render_template("hosts/seats.j2", seats=found)


def _lines(status: ClusterStatus, record: ClusterRecord) -> list[HostLine]:
    live = {one.node: one for one in status.instances}
    hosts = record.inventory.hosts if record.inventory else tuple(one.host for one in status.instances)
    types = {group.name: group.instance_type for group in record.spec.groups}
    lines = [_remembered(record, host, types.get(host.group, "")) for host in hosts]
    if not (status.asked and status.is_known):
        return lines
    return [_present(line, live.get(line.node)) for line in lines]


def _remembered(record: ClusterRecord, host: Host, instance_type: str) -> HostLine:
    return HostLine(
        host=host_alias(record.spec.name, host.name),
        cluster=record.spec.name,
        class_name=record.spec.class_name,
        node=host.name,
        role=host.role,
        group=host.group,
        state=None,
        instance_id=host.instance_id,
        instance_type=instance_type,
        private_ip=host.private_ip or None,
        public_ip=host.public_ip,
    )


def _present(line: HostLine, now: InstanceState | None) -> HostLine:
    if now is None:
        return replace(line, state="gone", public_ip=None)
    return replace(
        line,
        state=now.state,
        instance_id=now.instance_id,
        instance_type=now.instance_type,
        private_ip=now.private_ip or line.private_ip,
        public_ip=now.public_ip,
    )


def _seats(record: ClusterRecord, head: HostLine, workspace: Workspace) -> list[Seat]:
    users = dict.fromkeys(one.user for one in record.spec.authorized)
    try:
        known = read_known_hosts(workspace.known_hosts.read_text(encoding="utf-8"))
    except OSError:
        known = {}
    keys = known.get(head.host, ())
    return [
        Seat(
            cluster=head.cluster,
            user=user,
            address=head.address,
            port=record.cloud.ssh_port,
            alias=head.host,
            host_key=keys[0] if keys else "",
        )
        for user in users
    ]
