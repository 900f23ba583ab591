"""The way in: from this machine's own key, and from a machine that never had one, by permission of the account.

EC2 Instance Connect lets a new key in for a minute. In that minute the head gives the rest: the nodes' key, their host
keys, and a place for the new key among those that may log in.
"""

from __future__ import annotations

from dataclasses import replace

from hpcctl.aws import InstanceState, instances_of, send_public_key
from hpcctl.configure import logins_stage
from hpcctl.errors import LoginRefused, RemoteError, StateError
from hpcctl.keys import new_key, public_half
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.hostkeys import accepted_host_keys, is_settled
from hpcctl.lifecycle.viewing import cluster_view, login_target
from hpcctl.progress import Progress
from hpcctl.remote.runner import run_stages
from hpcctl.remote.ssh import Head, Lifeline, Target, connect
from hpcctl.spec.model import Role
from hpcctl.sshconfig import host_alias, known_hosts
from hpcctl.state import ClusterRecord
from hpcctl.steps.model import State
from hpcctl.steps.view import ClusterView
from hpcctl.workspace import Workspace, write_files

ANSWER_SECONDS = 50
"""The key is accepted for a minute."""

REACH_SECONDS = 15
"""A compute node that does not answer gets the key with the next configuring."""

PROBE_SECONDS = 10
_CLUSTER_KEY = "/etc/hpcctl/cluster_key"
_KNOWN_HOSTS = "/etc/ssh/ssh_known_hosts"


def take_over(workspace: Workspace, record: ClusterRecord, context: Context) -> None:
    """After this the machine has a key that all nodes accept, the nodes' own key and their host keys.

    It takes the record and the permission ec2-instance-connect:SendSSHPublicKey; the head is known by the host key
    on its instance. Keys that are here stay. Safe to repeat. The caller holds the cluster's lock.
    """
    _take_over(workspace, record, context.progress)


def has_access(workspace: Workspace) -> bool:
    """Are all files here without which nothing on the machines can be done?"""
    files = (workspace.identity, workspace.cluster_key, workspace.known_hosts)
    return all(path.is_file() and path.stat().st_size for path in files) and all(
        path.with_suffix(".pub").is_file() for path in (workspace.identity, workspace.cluster_key)
    )


def ensure_access(workspace: Workspace, record: ClusterRecord, progress: Progress) -> None:
    """Take over a cluster whose keys are not here."""
    if record.inventory and not has_access(workspace):
        _take_over(workspace, record, progress)


def regain(workspace: Workspace, record: ClusterRecord, progress: Progress) -> None:
    """The head refused this machine's key: let it in again."""
    progress.note("the head does not know the key of this machine: asking AWS to let it in")
    _take_over(workspace, record, progress)


def is_refused(workspace: Workspace, record: ClusterRecord) -> bool:
    """Does a head that works refuse this machine's key? HostKeyChanged where it is not that head."""
    if not (record.inventory and is_settled(workspace, record.inventory.head.name)):
        return False
    try:
        target = login_target(workspace, record, cluster_view(workspace, record))
        with connect(target, seconds=PROBE_SECONDS, lifeline=Lifeline()):
            return False
    except LoginRefused:
        return True


def with_logins(view: ClusterView, head: Head) -> ClusterView:
    """The view with the keys of other machines, which the head knows: every node is to accept them all."""
    known = head.read(f"/etc/hpcctl/authorized_keys/{view.user}").splitlines()
    there = (" ".join(line.split()) for line in known if line.strip() and not line.startswith("#"))
    keys = {_body(line): line for line in (*view.authorized_keys, *there)}  # in the spelling of the head
    return replace(view, authorized_keys=tuple(keys.values()))


def _body(line: str) -> str:
    """The key itself, between options, kind and comment."""
    return next((word for word in line.split() if word.startswith("AAAA")), line)


def _take_over(workspace: Workspace, record: ClusterRecord, progress: Progress) -> None:
    with progress.phase("let this machine in"):
        public = _own_key(workspace)
        instance = _running_head(record)
        target = _target(workspace, record, instance)
        send_public_key(
            record.cloud,
            instance_id=instance.instance_id,
            zone=instance.zone,
            user=record.spec.user,
            public_key=public,
        )
        with connect(target, seconds=ANSWER_SECONDS, lifeline=Lifeline()) as head:
            _fetch(workspace, record, head)
            _settle_in(with_logins(cluster_view(workspace, record), head), head, progress)


def _own_key(workspace: Workspace) -> str:
    """The public half of the key that is here, else of a new one."""
    path = workspace.identity
    private = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    public = public_half(private) if private else None
    comment = f"hpcctl-{workspace.name}"
    if public is None:
        made = new_key(comment)
        private, public = made.private, made.public
    write_files(
        path.parent, {path.name: private, f"{path.name}.pub": f"{' '.join(public.split()[:2])} {comment}\n"}
    )
    return public


def _running_head(record: ClusterRecord) -> InstanceState:
    name = record.spec.name
    heads = [one for one in instances_of(record.cloud, record.cluster_id) if one.role is Role.HEAD]
    if not heads:
        raise StateError(f"the head of {name} exists no more", hint=f"hpcctl show {name}")
    if heads[0].state != "running" or not _address(record, heads[0]):
        raise StateError(f"the head of {name} is {heads[0].state}", hint=f"hpcctl start {name}")
    return heads[0]


def _target(workspace: Workspace, record: ClusterRecord, instance: InstanceState) -> Target:
    """The head by the key that the account has for it, or by the one that is pinned here."""
    known = accepted_host_keys(workspace).get(instance.node, ())
    keys = tuple(dict.fromkeys(key for key in (instance.host_key, *known) if key))
    name = record.spec.name
    if not keys:
        raise StateError(
            f"nothing here or in the account tells the host key of the head of {name}, so it cannot be trusted",
            hint=f"copy {workspace.known_hosts} from the machine that made the cluster",
        )
    return Target(
        name=host_alias(name, instance.node),
        address=_address(record, instance) or "",
        port=record.cloud.ssh_port,
        user=record.spec.user,
        key_file=workspace.identity,
        host_keys=keys,
        settled=True,
    )


def _address(record: ClusterRecord, instance: InstanceState) -> str | None:
    """Where one logs in."""
    return instance.public_ip if record.spec.head.public_address else instance.private_ip


def _fetch(workspace: Workspace, record: ClusterRecord, head: Head) -> None:
    """The nodes' key, and their host keys as the head knows them."""
    private = head.read(_CLUSTER_KEY)
    public = public_half(private)
    if public is None:
        raise RemoteError(f"{_CLUSTER_KEY} on the head is no private key", hint="hpcctl doctor tells more")
    known: dict[str, tuple[str, ...]] = {}
    for line in head.read(_KNOWN_HOSTS).splitlines():
        names, _, key = line.partition(" ")
        node = names.split(",")[0]
        known[node] = (*known.get(node, ()), key.strip())
    cluster_key, hosts = workspace.cluster_key.name, workspace.known_hosts.name
    files = {
        cluster_key: private,
        f"{cluster_key}.pub": f"{public} {record.spec.user}@{workspace.name}\n",
        hosts: known_hosts(workspace.name, known),
    }
    write_files(workspace.known_hosts.parent, files)


def _settle_in(view: ClusterView, head: Head, progress: Progress) -> None:
    """The key stays accepted when its minute is over."""
    results = run_stages(head, view, (logins_stage(view),), told=lambda _: None, reach_seconds=REACH_SECONDS)
    for result in results:
        if result.state is not State.FAILED:
            continue
        if result.host == view.head.name:
            raise RemoteError(f"the head did not keep the key of this machine: {result.output.strip()}")
        progress.note(
            f"{result.host} does not answer, and gets the key with the next `hpcctl configure {view.name}`"
        )
