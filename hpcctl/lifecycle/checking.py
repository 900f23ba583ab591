"""The acceptance check by itself."""

from __future__ import annotations

from dataclasses import replace

from hpcctl.aws import instances_of
from hpcctl.errors import HostFailure, HostsFailed
from hpcctl.lifecycle.configuring import CheckResult, check_cluster
from hpcctl.lifecycle.context import Context
from hpcctl.state import ClusterRecord, Phase
from hpcctl.workspace import Workspace


def check(name: str, *, context: Context) -> tuple[CheckResult, ...]:
    """Every promise of the cluster, tried on every node; failed ones are results, not errors."""
    workspace = Workspace(home=context.home, name=name)
    with workspace.lock("check", wait=context.wait, say=context.progress.note):
        record = workspace.load()
        _require_running(record)
        outcome = check_cluster(workspace, record, context.progress)
        if record.phase in {Phase.READY, Phase.DEGRADED}:
            workspace.save(replace(record, phase=Phase.DEGRADED if outcome.failures else Phase.READY))
    return outcome.checks


def _require_running(record: ClusterRecord) -> None:
    """HostsFailed at once, with the state of each, where the cloud says that nodes do not run."""
    states = {one.node: one.state for one in instances_of(record.cloud, record.cluster_id)}
    hosts = record.inventory.hosts if record.inventory else ()
    failures = [
        HostFailure(host=host.name, step="instance", output=f"it is {states.get(host.name, 'gone')}")
        for host in hosts
        if states.get(host.name) != "running"
    ]
    if failures:
        raise HostsFailed(failures, hint=f"hpcctl show {record.spec.name}")
