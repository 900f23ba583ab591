"""The acceptance check by itself."""

from __future__ import annotations

from dataclasses import replace

from hpcctl.lifecycle.configuring import CheckResult, check_cluster
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.requiring import require_made, require_running
from hpcctl.state import Phase
from hpcctl.workspace import Workspace


def check(name: str, *, context: Context) -> tuple[CheckResult, ...]:
    """Every promise of the cluster, tried on every node; failed ones are results, not errors."""
    workspace = Workspace(home=context.home, name=name)
    with workspace.lock("check", wait=context.wait, say=context.progress.note):
        record = workspace.load()
        require_made(record)
        require_running(record)
        outcome = check_cluster(workspace, record, context.progress)
        if record.phase in {Phase.READY, Phase.DEGRADED}:
            workspace.save(replace(record, phase=Phase.DEGRADED if outcome.failures else Phase.READY))
    return outcome.checks
