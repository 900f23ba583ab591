"""From a spec to a cluster that has passed its check; a run that was interrupted goes on where it stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone
from secrets import token_hex

from hpcctl.aws import free_addresses, preflight
from hpcctl.errors import HostsFailed, StateError
from hpcctl.inventory import Inventory
from hpcctl.keys import KeyPair, new_key
from hpcctl.lifecycle.adopting import adopt_strays
from hpcctl.lifecycle.base import ensure_base
from hpcctl.lifecycle.configuring import Outcome, configure_cluster
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.early import EarlyStart
from hpcctl.lifecycle.terraforming import apply
from hpcctl.locks import locked
from hpcctl.modules import check_root
from hpcctl.render import ClusterRequest, PlannedNode, render_cluster
from hpcctl.spec.model import Base, Cloud, ClusterSpec, Facts
from hpcctl.spec.nodes import expand
from hpcctl.sshconfig import known_hosts
from hpcctl.state import ClusterRecord, Phase
from hpcctl.workspace import Workspace, records, write_files


@dataclass(frozen=True, kw_only=True)
class CreateRequest:
    """What to make and where; ``key_file`` is the path of the user's own public key, if one was given."""

    spec: ClusterSpec
    cloud: Cloud
    key_file: str | None = None


def create(request: CreateRequest, *, context: Context) -> ClusterRecord:
    """Make the cluster, or finish one that an earlier run left half made.

    Raises SpecError before anything is made; TerraformError, RemoteError and HostsFailed leave the cluster
    up, so that the same command, `check` and `terminate` can work on it.
    """
    workspace = Workspace(home=context.home, name=request.spec.name)
    with workspace.lock("create", wait=context.wait, say=context.progress.note):
        record = _resumed(workspace, request)
        if record:
            adopt_strays(workspace, record, context)
        else:
            record = _prepared(workspace, request, context)
        return _made(workspace, record, context)


def _made(workspace: Workspace, record: ClusterRecord, context: Context) -> ClusterRecord:
    """Machines by Terraform, and on them, as soon as they are there, the steps and the check."""
    progress = context.progress
    with progress.phase("cluster"), EarlyStart(workspace, record, progress) as early:
        with progress.phase("terraform: cluster"):
            outputs = apply(workspace.terraform, size=record.spec.nodes, context=context)
        inventory = Inventory.from_json(outputs["inventory"])
        record = replace(record, inventory=inventory)
        workspace.save(record)
        outcome = early.outcome(inventory) or configure_cluster(workspace, record, progress)
    record = replace(record, phase=Phase.DEGRADED if outcome.failures else Phase.READY)
    workspace.save(record)
    raise_failures(record.spec.name, outcome)
    return record


def _resumed(workspace: Workspace, request: CreateRequest) -> ClusterRecord | None:
    """The record of a create that did not get to its end, if it was for the same spec."""
    if not workspace.exists():
        return None
    record = workspace.load()
    name = record.spec.name
    if record.phase not in {Phase.CREATING, Phase.DEGRADED}:
        raise StateError(
            f"there is a cluster called {name} already ({record.phase.value})",
            hint=f"hpcctl show {name}; or choose another name; or hpcctl terminate {name}",
        )
    if record.spec != request.spec:
        raise StateError(
            f"an unfinished cluster called {name} is there, with other settings",
            hint=f"repeat its own `hpcctl create`, or begin anew after `hpcctl terminate {name}`",
        )
    return record


def _prepared(workspace: Workspace, request: CreateRequest, context: Context) -> ClusterRecord:
    """Everything that is decided before a machine exists, written down; the record comes last."""
    with context.progress.phase("preflight"):
        facts = preflight(request.spec, request.cloud, progress=context.progress)
    base = ensure_base(request.cloud, facts, context)
    with locked(context.home / "locks" / "addresses.lock", verb="create", wait=True):
        return _written(workspace, request, facts, base)


def _written(workspace: Workspace, request: CreateRequest, facts: Facts, base: Base) -> ClusterRecord:
    spec = request.spec
    cluster_id, created = token_hex(4), datetime.now(timezone.utc).isoformat(timespec="seconds")
    login, internal = new_key(f"hpcctl-{spec.name}"), new_key(f"{spec.user}@{spec.name}")
    nodes = _planned(request, base, workspace)
    files = render_cluster(
        ClusterRequest(
            spec=spec,
            cloud=request.cloud,
            facts=facts,
            base=base,
            nodes=nodes,
            login_key=login.public,
            cluster_id=cluster_id,
            created=created,
            internal_key=internal.public,
        )
    )
    hosts = known_hosts(spec.name, {node.node.name: node.host_key.public for node in nodes})
    keys = {**_key_files("id_ed25519", login), **_key_files("cluster_ed25519", internal)}
    write_files(workspace.path / "ssh", {**keys, "known_hosts": hosts})
    check_root(files)
    write_files(workspace.terraform, files)
    record = ClusterRecord(
        spec=spec,
        cloud=request.cloud,
        phase=Phase.CREATING,
        cluster_id=cluster_id,
        created=created,
        facts=facts,
        base=base,
        key_file=request.key_file,
        addresses=tuple(node.private_ip for node in nodes),
    )
    workspace.save(record)
    return record


def _key_files(name: str, pair: KeyPair) -> dict[str, str]:
    return {name: pair.private, f"{name}.pub": f"{pair.public}\n"}


def _planned(request: CreateRequest, base: Base, workspace: Workspace) -> tuple[PlannedNode, ...]:
    """Nodes with private addresses that neither the cloud nor another create here has given out."""
    spec, cloud = request.spec, request.cloud
    promised = {address for record in records(workspace.home) for address in record.addresses}
    addresses = free_addresses(cloud, base, spec.nodes, seed=spec.name, promised=promised)
    return tuple(
        PlannedNode(node=node, private_ip=address, host_key=new_key(f"{spec.name}-{node.name}"))
        for node, address in zip(expand(spec.nodes), addresses, strict=True)
    )


def raise_failures(name: str, outcome: Outcome) -> None:
    """HostsFailed if any host failed; the cluster stays up."""
    if outcome.failures:
        raise HostsFailed(
            outcome.failures,
            hint=f"the cluster is up: `hpcctl ssh {name}` to look, `hpcctl check {name}` after mending,"
            f" the same `hpcctl create` to configure again, `hpcctl terminate {name}` to give up",
        )
