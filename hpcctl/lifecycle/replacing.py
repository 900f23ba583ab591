"""Machines that were lost while a cluster is made: replaced once, alone; then it goes on without them, or ends."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

from hpcctl.errors import HostFailure, HostsFailed, TerraformError
from hpcctl.inventory import Inventory
from hpcctl.lifecycle.building import build
from hpcctl.lifecycle.configuring import Outcome
from hpcctl.lifecycle.consoles import keep_consoles, rescue_consoles
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.guarding import Permission, guarded_apply
from hpcctl.lifecycle.hostkeys import reset_host_keys
from hpcctl.lifecycle.terminating import take_away
from hpcctl.render import VALUES_FILE
from hpcctl.spec.model import HEAD
from hpcctl.state import ClusterRecord, Phase
from hpcctl.workspace import Workspace, write_files


def settle_lost(
    workspace: Workspace, record: ClusterRecord, outcome: Outcome, context: Context
) -> tuple[ClusterRecord, Outcome]:
    """The cluster and what configuring it came to, with no machine lost.

    Only a cluster that is being created holds nothing worth keeping; of any other the lost machines stay in the
    outcome. Raises HostsFailed when everything was undone, because less than the least number of nodes is good.
    """
    while outcome.lost and record.phase is Phase.CREATING:
        lost = _names(outcome.lost)
        for failure in outcome.lost:
            context.progress.warn(f"{failure.host} is lost: {failure.output or failure.step}")
        keep_consoles(workspace, record, lost, context)
        fresh = tuple(node for node in lost if node not in record.replaced)
        if fresh:
            record, outcome = _second_chance(workspace, record, fresh, context)
        elif can_go_on(record, lost):
            record, outcome = _without(workspace, record, lost, context)
        else:
            _undo(workspace, record, outcome.lost, context)
    return record, outcome


def can_go_on(record: ClusterRecord, lost: Sequence[str]) -> bool:
    """Is the head good, and with it as many nodes as were asked for at least?"""
    good = len(set(record.node_names) - set(lost))
    return HEAD not in lost and good >= (record.spec.min_nodes or record.spec.nodes)


def leave_out(workspace: Workspace, record: ClusterRecord) -> None:
    """Terraform's values without the nodes that were given up: the next apply destroys them."""
    path = workspace.terraform / VALUES_FILE
    values = json.loads(path.read_text(encoding="utf-8"))
    for key in ("nodes", "user_data"):
        values[key] = {node: value for node, value in values[key].items() if node not in record.given_up}
    write_files(workspace.terraform, {VALUES_FILE: json.dumps(values, indent=2, ensure_ascii=False) + "\n"})


def _second_chance(
    workspace: Workspace, record: ClusterRecord, nodes: tuple[str, ...], context: Context
) -> tuple[ClusterRecord, Outcome]:
    """Second machines with the same names and addresses, then all steps again. Written down first: once is enough.

    Where they cannot be had, and enough other nodes are good, the cluster goes on at once.
    """
    context.progress.note(f"a second machine for {', '.join(nodes)}")
    record = replace(record, replaced=(*record.replaced, *nodes))
    workspace.save(record)
    reset_host_keys(workspace, nodes)
    try:
        return _rebuilt(workspace, record, nodes, context, anew=nodes)
    except TerraformError as error:
        if not can_go_on(record, nodes):
            raise
        context.progress.warn(error.message)
        return _without(workspace, record, nodes, context)


def _without(
    workspace: Workspace, record: ClusterRecord, nodes: tuple[str, ...], context: Context
) -> tuple[ClusterRecord, Outcome]:
    """The lost machines are taken away, and the others configured to be the whole cluster."""
    record = replace(record, given_up=(*record.given_up, *nodes))
    context.progress.warn(f"the cluster goes on without {', '.join(nodes)}")
    workspace.save(record)
    leave_out(workspace, record)
    return _rebuilt(workspace, record, nodes, context)


def _rebuilt(
    workspace: Workspace,
    record: ClusterRecord,
    nodes: tuple[str, ...],
    context: Context,
    *,
    anew: tuple[str, ...] = (),
) -> tuple[ClusterRecord, Outcome]:
    """By a plan that touches no other node than ``nodes``."""

    def make() -> Inventory:
        with context.progress.phase("terraform: cluster"):
            permission = Permission(nodes=frozenset(nodes))
            outputs = guarded_apply(workspace, record, permission, context, replace=anew)
        return Inventory.from_json(outputs["inventory"])

    hosts = record.inventory.hosts if record.inventory else ()
    doomed = frozenset(host.instance_id for host in hosts if host.name in nodes)
    return build(workspace, record, context, make=make, doomed=doomed)


def _undo(
    workspace: Workspace, record: ClusterRecord, lost: Sequence[HostFailure], context: Context
) -> NoReturn:
    nodes = _names(lost)
    consoles = rescue_consoles(workspace, nodes)
    take_away(workspace, record, context)
    kept = f" What their consoles showed: {', '.join(map(str, consoles))}." if consoles else ""
    raise HostsFailed(
        lost,
        hint=f"two machines were tried for each of {', '.join(nodes)}. Everything was undone, and nothing of"
        f" {record.spec.name} costs money any more.{kept} {_advice(record, nodes)}",
    )


def _advice(record: ClusterRecord, nodes: Sequence[str]) -> str:
    if HEAD in nodes:
        return "Is your present address allowed in (--ssh-from)? Does the image (--image) boot on this type?"
    return (
        f"Try again, or with --min-nodes {len(record.node_names) - len(nodes)}, which goes on without them."
    )


def _names(failures: Sequence[HostFailure]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(failure.host for failure in failures))
