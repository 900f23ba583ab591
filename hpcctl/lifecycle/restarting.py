"""Systems rebooted, all of a cluster or some nodes of it, and configured again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from hpcctl.aws import InstanceState, instances_of, power
from hpcctl.errors import HostFailure, HostKeyChanged, HostsFailed, RemoteError, UsageError
from hpcctl.lifecycle.configuring import configure_cluster
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.finishing import finish
from hpcctl.lifecycle.leaving import leave
from hpcctl.lifecycle.requiring import require_made, require_started
from hpcctl.lifecycle.viewing import cluster_view, login_target
from hpcctl.logins import with_addresses
from hpcctl.nearest import did_you_mean
from hpcctl.remote.plan import KEY_PATH
from hpcctl.remote.runner import run_stages
from hpcctl.remote.ssh import Lifeline, Target, connect
from hpcctl.state import ClusterRecord, Phase
from hpcctl.steps.boots import BOOT_ID, REBOOT_SECONDS, Boot, rebooted
from hpcctl.steps.model import Stage
from hpcctl.workspace import Workspace

POLL_SECONDS = 1.0


def restart(
    name: str, nodes: Sequence[str], *, configure: bool, context: Context
) -> tuple[ClusterRecord, tuple[str, ...]]:
    """Reboot ``nodes`` (none: all) in one call, wait for it, and run the steps and the check.

    The record, and the names of the nodes. Raises UsageError for a node that is not there, and what ``start``
    raises. A restart that was broken off is finished by `start`, or by the same command.
    """
    workspace = Workspace(home=context.home, name=name)
    with workspace.lock("restart", wait=context.wait, say=context.progress.note):
        record = workspace.load()
        require_made(record)
        if record.phase is not Phase.STARTING:  # a restart that was broken off
            require_started(record)
        chosen = chosen_nodes(record, nodes)
        present = instances_of(record.cloud, record.cluster_id)
        record, phase = with_addresses(record, present), record.phase
        old = _reboot(workspace, record, _running(record, chosen, present), context)
        with context.progress.phase("reboot"):
            _wait_for_reboot(workspace, record, old)
        if configure:
            outcome = configure_cluster(workspace, record, context.progress)
            return finish(workspace, record, outcome), chosen
        record = replace(record, phase=phase)
        workspace.save(record)
        return record, chosen


def chosen_nodes(record: ClusterRecord, given: Sequence[str]) -> tuple[str, ...]:
    """The nodes that are meant, in the cluster's order; all, if none is named. UsageError names the nearest."""
    names = [host.name for host in record.inventory.hosts] if record.inventory else []
    wanted = {one.removeprefix(f"{record.spec.name}-") for one in given} or set(names)
    for one in sorted(wanted - set(names)):
        listing = f"the nodes are: {', '.join(names[:10])}{' …' if names[10:] else ''}"
        hint = did_you_mean(one, names, otherwise=listing)
        raise UsageError(f"{record.spec.name} has no node {one!r}", hint=hint)
    return tuple(name for name in names if name in wanted)


def _running(
    record: ClusterRecord, chosen: tuple[str, ...], present: tuple[InstanceState, ...]
) -> tuple[InstanceState, ...]:
    """Their instances. HostsFailed where one of them does not run."""
    by_node = {one.node: one for one in present}
    states = {node: by_node[node].state if node in by_node else "gone" for node in chosen}
    failures = [
        HostFailure(host=node, step="instance", output=f"it is {state}")
        for node, state in states.items()
        if state != "running"
    ]
    if failures:
        raise HostsFailed(failures, hint=f"hpcctl start {record.spec.name} starts what is stopped")
    return tuple(by_node[node] for node in chosen)


def _reboot(
    workspace: Workspace, record: ClusterRecord, instances: tuple[InstanceState, ...], context: Context
) -> tuple[Boot, ...]:
    """The boots that are over once the nodes are back."""
    workspace.save(replace(record, phase=Phase.STARTING))  # from here on, `start` puts everything right
    old = leave(workspace, record, frozenset(one.node for one in instances), context.progress)
    power.reboot(record.cloud, [one.instance_id for one in instances])
    names = {one.node for one in instances}
    return tuple(boot for boot in old if boot.host in names)


def _wait_for_reboot(workspace: Workspace, record: ClusterRecord, old: tuple[Boot, ...]) -> None:
    """The head answers, and no node is in its old boot. HostsFailed names those that are after REBOOT_SECONDS."""
    view = cluster_view(workspace, record)
    on_head = tuple(boot for boot in old if boot.host == view.head.name)
    target = login_target(workspace, record, view)
    _head_is_back(target, {boot.boot_id for boot in on_head})
    nodes = tuple(boot for boot in old if boot not in on_head)
    if not nodes:
        return
    step = rebooted(nodes, user=view.user, key_path=KEY_PATH)
    with connect(target, seconds=REBOOT_SECONDS, lifeline=Lifeline()) as head:
        alone = replace(view, hosts=(view.head,))
        results = run_stages(head, alone, (Stage(name="reboot", steps=(step,)),), told=lambda _: None)
    late = [name for result in results for name in result.output.split()]
    if late:
        output = f"it did not restart within {REBOOT_SECONDS} s"
        raise HostsFailed(
            [HostFailure(host=host, step="reboot", output=output) for host in late],
            hint=f"hpcctl restart {view.name} {' '.join(late)} tries again, hpcctl start {view.name} goes on without",
        )


def _head_is_back(target: Target, before: set[str]) -> None:
    """It answers, and in another boot than ``before``. RemoteError after REBOOT_SECONDS."""
    deadline = time.monotonic() + REBOOT_SECONDS
    while time.monotonic() < deadline:
        try:
            with connect(target, seconds=deadline - time.monotonic(), lifeline=Lifeline()) as head:
                if "".join(head.stream(f"cat {BOOT_ID}", "")).strip() not in before:
                    return
        except HostKeyChanged:
            raise
        except RemoteError:
            if time.monotonic() > deadline:
                raise
        time.sleep(POLL_SECONDS)
    raise RemoteError(f"{target.name} did not restart", hint="the same command tries again")
