"""The steps by themselves: what has drifted on a running cluster is put right."""

from __future__ import annotations

from dataclasses import replace

from hpcctl.lifecycle.configuring import Outcome, configure_cluster
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.requiring import require_made, require_running
from hpcctl.state import Phase
from hpcctl.workspace import Workspace


def configure(name: str, *, context: Context) -> Outcome:
    """All steps and the check; steps and hosts that failed are part of the outcome, not errors.

    Raises UnknownCluster, StateError for a cluster that is unfinished or stopped, HostsFailed where nodes do
    not run, RemoteError where the head does not answer.
    """
    workspace = Workspace(home=context.home, name=name)
    with workspace.lock("configure", wait=context.wait, say=context.progress.note):
        record = workspace.load()
        require_made(record)
        require_running(record)
        outcome = configure_cluster(workspace, record, context.progress)
        workspace.save(replace(record, phase=Phase.DEGRADED if outcome.failures else Phase.READY))
    return outcome
