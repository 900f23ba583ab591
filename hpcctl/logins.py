"""Every way in: ``$HPCCTL_HOME/ssh_config`` for all clusters, and the addresses that it needs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hpcctl.aws import InstanceState
from hpcctl.errors import StateError
from hpcctl.files import private_folder, sweep, write_atomically
from hpcctl.inventory import Host
from hpcctl.locks import locked
from hpcctl.sshconfig import Login, login_to, ssh_config
from hpcctl.sshfiles import ensure_include, taken_names
from hpcctl.state import ClusterRecord
from hpcctl.workspace import Entry, entries


def config_path(home: Path) -> Path:
    """Our own ssh config; `hpcctl ssh` uses it, and ``~/.ssh/config`` includes it."""
    return home / "ssh_config"


def publish(home: Path, *, ssh_folder: Path) -> tuple[str, ...]:
    """Write the ssh config of all known clusters and have it included; warnings for what could not be done."""
    with locked(home / "locks" / ".ssh_config.lock", verb="update-ssh", wait=True):
        logins = tuple(login for login in map(_login, entries(home)) if login)
        try:
            private_folder(home)
            for left in home.glob(
                f".{config_path(home).name}.*"
            ):  # by a run that was killed: we hold the lock
                left.unlink()
            write_atomically(config_path(home), ssh_config(logins))
        except OSError as error:
            raise StateError(
                f"cannot write {config_path(home)}: {error.strerror}", hint="is the disk full?"
            ) from error
        sweep(home / "clusters")
        return (*_collisions(logins, ssh_folder), *_included(home, ssh_folder))


def with_addresses(record: ClusterRecord, present: tuple[InstanceState, ...]) -> ClusterRecord:
    """The record with the addresses that the instances have now; a host that is gone has none."""
    if record.inventory is None:
        return record
    by_node = {instance.node: instance for instance in present}
    hosts = tuple(_host(host, by_node.get(host.name)) for host in record.inventory.hosts)
    inventory = replace(record.inventory, hosts=hosts)
    return replace(record, inventory=inventory)


def _host(host: Host, instance: InstanceState | None) -> Host:
    if instance is None:
        return replace(host, public_ip=None)
    return replace(
        host,
        instance_id=instance.instance_id,
        public_ip=instance.public_ip,
        private_ip=instance.private_ip or host.private_ip,
    )


def _login(entry: Entry) -> Login | None:
    if entry.record is None:
        return None
    workspace = entry.workspace
    return login_to(entry.record, identity=str(workspace.identity), known_hosts=str(workspace.known_hosts))


def _collisions(logins: tuple[Login, ...], ssh_folder: Path) -> tuple[str, ...]:
    names = tuple(name for login in logins for name in login.all_patterns)
    return tuple(
        f"your ~/.ssh/config has a Host {name} of its own; the cluster's comes first"
        for name in taken_names(names, ssh_folder=ssh_folder)
    )


def _included(home: Path, ssh_folder: Path) -> tuple[str, ...]:
    try:
        ensure_include(config_path(home), ssh_folder=ssh_folder)
    except StateError as error:
        return (f"{error.message}; {error.hint}",)
    return ()
