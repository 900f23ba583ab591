"""How a run on the machines ends: the phase is written down, and hosts that failed are told."""

from __future__ import annotations

from dataclasses import replace

from hpcctl.errors import HostsFailed
from hpcctl.lifecycle.configuring import Outcome
from hpcctl.state import ClusterRecord, Phase
from hpcctl.workspace import Workspace


def finish(workspace: Workspace, record: ClusterRecord, outcome: Outcome) -> ClusterRecord:
    """The record as it is now saved. HostsFailed if a step or a check failed; the machines stay up."""
    record = replace(record, phase=Phase.DEGRADED if outcome.failures else Phase.READY)
    workspace.save(record)
    if outcome.failures:
        name = record.spec.name
        raise HostsFailed(
            outcome.failures,
            hint=f"the machines are up: `hpcctl ssh {name}` to look, `hpcctl configure {name}` to configure"
            f" again, `hpcctl stop {name}` to stop what it costs",
        )
    return record
