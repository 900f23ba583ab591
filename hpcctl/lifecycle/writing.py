"""A cluster written down before any machine exists: addresses, keys, the Terraform folder, and last the record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hpcctl.aws import free_addresses
from hpcctl.errors import StateError
from hpcctl.keys import KeyPair, new_key
from hpcctl.locks import locked
from hpcctl.modules import check_root
from hpcctl.render import ClusterRequest, PlannedNode, render_cluster
from hpcctl.spec.model import Base, Facts
from hpcctl.spec.nodes import expand
from hpcctl.sshconfig import known_hosts
from hpcctl.state import ClusterRecord
from hpcctl.workspace import Workspace, records, write_files


def write_down(workspace: Workspace, record: ClusterRecord, facts: Facts, base: Base) -> ClusterRecord:
    """The record with addresses, saved after all that it speaks of. Nothing of the cluster may exist yet.

    Key pairs that are there already stay; the nodes get new host keys.
    """
    with locked(workspace.home / "locks" / "addresses.lock", verb="create", wait=True):
        return _written(workspace, replace(record, facts=facts, base=base))


def _written(workspace: Workspace, record: ClusterRecord) -> ClusterRecord:
    spec, facts, base = record.spec, record.facts, record.base
    if not (facts and base):
        raise StateError(f"nothing is known of where {spec.name} is to be made")
    login = _key(workspace.identity, f"hpcctl-{spec.name}")
    internal = _key(workspace.cluster_key, f"{spec.user}@{spec.name}")
    nodes = _planned(workspace, record, base)
    files = render_cluster(
        ClusterRequest(
            spec=spec,
            cloud=record.cloud,
            facts=facts,
            base=base,
            nodes=nodes,
            login_key=login.public,
            cluster_id=record.cluster_id,
            created=record.created,
            internal_key=internal.public,
        )
    )
    hosts = known_hosts(spec.name, {node.node.name: (node.host_key.public,) for node in nodes})
    keys = {**_key_files("id_ed25519", login), **_key_files("cluster_ed25519", internal)}
    write_files(workspace.path / "ssh", {**keys, "bootstrap_hosts": hosts, "known_hosts": hosts})
    check_root(files)
    write_files(workspace.terraform, files)
    written = replace(record, addresses=tuple(node.private_ip for node in nodes))
    workspace.save(written)
    return written


def _key(path: Path, comment: str) -> KeyPair:
    """The pair that is at ``path``, else a new one."""
    try:
        public = path.with_suffix(".pub").read_text(encoding="utf-8").strip()
        return KeyPair(private=path.read_text(encoding="utf-8"), public=public)
    except FileNotFoundError:
        return new_key(comment)


def _key_files(name: str, pair: KeyPair) -> dict[str, str]:
    return {name: pair.private, f"{name}.pub": f"{pair.public}\n"}


def _planned(workspace: Workspace, record: ClusterRecord, base: Base) -> tuple[PlannedNode, ...]:
    """Nodes with private addresses that neither the cloud nor another create here has given out."""
    spec = record.spec
    promised = {
        address
        for known in records(workspace.home)
        if known.cluster_id != record.cluster_id
        for address in known.addresses
    }
    addresses = free_addresses(record.cloud, base, spec.nodes, seed=spec.name, promised=promised)
    return tuple(
        PlannedNode(node=node, private_ip=address, host_key=new_key(f"{spec.name}-{node.name}"))
        for node, address in zip(expand(spec), addresses, strict=True)
    )
