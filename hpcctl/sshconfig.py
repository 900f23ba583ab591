"""From records to the text of ``$HPCCTL_HOME/ssh_config`` and of a cluster's known_hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hpcctl.inventory import Host
from hpcctl.spec.model import Role
from hpcctl.state import ClusterRecord
from hpcctl.templating import render_template


@dataclass(frozen=True, kw_only=True)
class LoginHost:
    """One ``Host`` block. ``jump`` is the host that leads there; ``address`` is None while there is none."""

    patterns: tuple[str, ...]
    address: str | None
    jump: str | None
    alias: str


@dataclass(frozen=True, kw_only=True)
class Login:
    """How to log in to one cluster; ``identities`` and ``known_hosts`` are words of an ssh config."""

    name: str
    user: str
    port: int
    hosts: tuple[LoginHost, ...]
    identities: tuple[str, ...]
    known_hosts: str

    @property
    def all_patterns(self) -> tuple[str, ...]:
        """Every name of every host."""
        return tuple(pattern for host in self.hosts for pattern in host.patterns)


def host_alias(cluster: str, node: str) -> str:
    """The name under which a node's host key is kept, and by which one logs in: ``demo-node001``."""
    return f"{cluster}-{node}"


def login_to(record: ClusterRecord, *, identity: str, known_hosts: str) -> Login | None:
    """The login of one cluster (its own private key, its known_hosts), or None while it has no hosts."""
    if record.inventory is None:
        return None
    own = record.key_file.removesuffix(".pub") if record.key_file else None
    return Login(
        name=record.spec.name,
        user=record.spec.user,
        port=record.cloud.ssh_port,
        hosts=tuple(_host(record, host) for host in record.inventory.hosts),
        identities=tuple(quote(path) for path in (own, identity) if path),
        known_hosts=quote(known_hosts),
    )


def ssh_config(logins: Sequence[Login]) -> str:
    """The whole file: for every cluster ``Host demo demo-head`` and, through it, ``Host demo-node001`` …"""
    return render_template("ssh/config.j2", logins=logins)


def known_hosts(cluster: str, host_keys: Mapping[str, Sequence[str]]) -> str:
    """The file's text; ``host_keys`` has the public host keys ("ssh-ed25519 AAAA…") of every node.

    A node has two while its key is being replaced: the one that stays comes first.
    """
    lines = (
        f"{host_alias(cluster, node)} {' '.join(key.split()[:2])}\n"
        for node, keys in host_keys.items()
        for key in keys
    )
    return "".join(lines)


def read_known_hosts(text: str) -> dict[str, tuple[str, ...]]:
    """{alias: public host keys} of what ``known_hosts`` made, in the order of the lines."""
    found: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        alias, _, key = line.strip().partition(" ")
        if key:
            found[alias] = (*found.get(alias, ()), key.strip())
    return found


def quote(path: str, *, tokens: bool = True) -> str:
    """A path as one word of an ssh config, for an option that expands %-tokens or one that does not."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    escaped = escaped.replace("%", "%%") if tokens else escaped
    return f'"{escaped}"'


def _host(record: ClusterRecord, host: Host) -> LoginHost:
    cluster = record.spec.name
    alias = host_alias(cluster, host.name)
    if host.role is Role.HEAD:
        return LoginHost(patterns=(cluster, alias), address=record.head_address, jump=None, alias=alias)
    return LoginHost(patterns=(alias,), address=host.private_ip, jump=cluster, alias=alias)
