"""Host keys: the one that user data brings to a node is replaced when the node is configured for the first time.

What passed through user data, Terraform's state and the metadata service is then worthless. Every state on disk is
one from which the same command goes on: the new pair is written before anything else, both keys are accepted until
the node shows the new one, and only then is the former one forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from hpcctl.errors import StateError
from hpcctl.keys import KeyPair, new_key
from hpcctl.sshconfig import known_hosts, read_known_hosts
from hpcctl.workspace import Workspace, write_files

Known = dict[str, tuple[str, ...]]
"""Public host keys by node; the one that stays comes first."""


def prepare_host_keys(workspace: Workspace, nodes: Iterable[str]) -> None:
    """Before steps run: a new pair for each node that still has its bootstrap key, and both keys accepted.

    A pair from an interrupted run is used again: the node may have it already.
    """
    known, bootstrap, pairs = accepted_host_keys(workspace), _read(workspace, workspace.bootstrap_hosts), {}
    before = new_host_keys(workspace)
    for node in nodes:
        keys = known.get(node) or bootstrap.get(node, ())
        if not set(keys) & set(bootstrap.get(node, ())):
            continue
        pairs[node] = before.get(node) or new_key(f"{workspace.name}-{node}")
        known[node] = tuple(dict.fromkeys((_plain(pairs[node].public), *keys)))
    if pairs != before:
        _write_pairs(workspace, pairs)
    _write_known(workspace, known)


def confirm_host_keys(workspace: Workspace, nodes: Iterable[str]) -> None:
    """These nodes show their new key: from now on nothing else is accepted, and the private half is theirs alone."""
    known, pairs = accepted_host_keys(workspace), new_host_keys(workspace)
    arrived = set(nodes) & set(pairs)
    _write_known(workspace, {**known, **{node: (_plain(pairs[node].public),) for node in arrived}})
    _write_pairs(workspace, {node: pair for node, pair in pairs.items() if node not in arrived})


def reset_host_keys(workspace: Workspace, nodes: Iterable[str]) -> None:
    """Before machines are made again: they begin with their bootstrap keys, which are accepted once more.

    The present keys stay accepted until the next configuring, for an apply may fail and leave the old machine.
    """
    known, bootstrap = accepted_host_keys(workspace), _read(workspace, workspace.bootstrap_hosts)
    doomed = set(nodes)
    _write_pairs(
        workspace, {node: pair for node, pair in new_host_keys(workspace).items() if node not in doomed}
    )
    for node in doomed:
        known[node] = tuple(dict.fromkeys((*known.get(node, ()), *bootstrap.get(node, ()))))
    _write_known(workspace, known)


def accepted_host_keys(workspace: Workspace) -> Known:
    """What known_hosts says; empty if there is none."""
    return _read(workspace, workspace.known_hosts)


def new_host_keys(workspace: Workspace) -> dict[str, KeyPair]:
    """The pairs on their way, by node. Without the file, or with a damaged one, there are none: new ones are made."""
    try:
        data = json.loads(workspace.new_host_keys.read_text(encoding="utf-8"))
        return {node: KeyPair(private=pair["private"], public=pair["public"]) for node, pair in data.items()}
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def is_settled(workspace: Workspace, node: str) -> bool:
    """Has the node a key of its own, so that another one is a reason to stop?"""
    bootstrap = _read(workspace, workspace.bootstrap_hosts).get(node, ())
    return not set(accepted_host_keys(workspace).get(node, ())) & set(bootstrap)


def _read(workspace: Workspace, path: Path) -> Known:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise StateError(f"{path} cannot be read: {error}", hint=f"hpcctl show {workspace.name}") from error
    return {alias.removeprefix(f"{workspace.name}-"): keys for alias, keys in read_known_hosts(text).items()}


def _write_known(workspace: Workspace, known: Known) -> None:
    if known != accepted_host_keys(workspace):
        write_files(
            workspace.known_hosts.parent, {workspace.known_hosts.name: known_hosts(workspace.name, known)}
        )
        workspace.share()  # a colleague must accept what the nodes will show


def _write_pairs(workspace: Workspace, pairs: Mapping[str, KeyPair]) -> None:
    path = workspace.new_host_keys
    if not pairs:
        path.unlink(missing_ok=True)
        return
    data = {node: {"public": pair.public, "private": pair.private} for node, pair in pairs.items()}
    write_files(path.parent, {path.name: json.dumps(data, indent=2) + "\n"})


def _plain(public: str) -> str:
    """A public key without its comment."""
    return " ".join(public.split()[:2])
