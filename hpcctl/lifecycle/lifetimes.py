"""How long a cluster runs until it switches itself off: counted from its last start, and moved by `extend`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from hpcctl.configure import lifetime_stage
from hpcctl.errors import HostFailure, HostsFailed, StateError
from hpcctl.lifecycle.access import ensure_access
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.requiring import require_made, require_running
from hpcctl.lifecycle.telling import StepLog
from hpcctl.lifecycle.viewing import cluster_view, login_target
from hpcctl.progress import Progress
from hpcctl.remote.runner import run_stages
from hpcctl.remote.ssh import Lifeline, connect
from hpcctl.schedulers import scheduler
from hpcctl.spec.durations import words
from hpcctl.state import ClusterRecord
from hpcctl.steps.model import State
from hpcctl.workspace import Workspace

CONNECT_SECONDS = 60
LONGEST_SECONDS = 366 * 86400


def counted_anew(record: ClusterRecord) -> ClusterRecord:
    """The record of a cluster that starts now: its lifetime, if it has one, begins."""
    if record.spec.lifetime_seconds is None:
        return record
    return replace(record, expires=_iso(datetime.now(timezone.utc), record.spec.lifetime_seconds))


def still_counting(record: ClusterRecord) -> ClusterRecord:
    """The record of a cluster whose making goes on: what is over begins again."""
    if record.expires and datetime.fromisoformat(record.expires) > datetime.now(timezone.utc):
        return record
    return counted_anew(record)


def extend(name: str, seconds: int, *, context: Context) -> ClusterRecord:
    """Have the cluster end so many seconds later: its nodes are told, and it is written down.

    Raises UnknownCluster, StateError for a cluster that has no lifetime, is stopped or unfinished, RemoteError where
    the head does not answer, and HostsFailed where nodes keep to the former hour.
    """
    workspace = Workspace(home=context.home, name=name)
    with workspace.lock("extend", wait=context.wait, say=context.progress.note):
        record = workspace.load()
        require_made(record)
        if not record.spec.lifetime_seconds:
            raise StateError(
                f"{name} has no lifetime: it runs until it is stopped", hint=f"hpcctl stop {name} ends it now"
            )
        require_running(record)
        now = datetime.now(timezone.utc)
        ends = datetime.fromisoformat(record.expires) if record.expires else now
        if max(now, ends) - now + timedelta(seconds=seconds) > timedelta(seconds=LONGEST_SECONDS):
            raise StateError(f"{name} would run for longer than {words(LONGEST_SECONDS)}", hint="say less")
        longer = replace(record, expires=_iso(max(now, ends), seconds))
        failures = _tell_nodes(workspace, longer, context.progress)
        workspace.save(longer)
    if failures:
        raise HostsFailed(
            failures, hint=f"these keep to the former hour, until `hpcctl configure {name}` has told them"
        )
    return longer


def _tell_nodes(workspace: Workspace, record: ClusterRecord, progress: Progress) -> tuple[HostFailure, ...]:
    ensure_access(workspace, record, progress)
    view = cluster_view(workspace, record)
    stage = lifetime_stage(view, scheduler(record.spec.scheduler))
    target = login_target(workspace, record, view)
    with (
        connect(target, seconds=CONNECT_SECONDS, lifeline=Lifeline()) as head,
        StepLog(workspace.log / "steps.log") as log,
    ):
        results = run_stages(head, view, (stage,), told=log.told, reach_seconds=CONNECT_SECONDS)
    return tuple(
        HostFailure(host=one.host, step=one.step, output=one.output.strip())
        for one in results
        if one.state is State.FAILED
    )


def _iso(start: datetime, seconds: int) -> str:
    return (start + timedelta(seconds=seconds)).isoformat(timespec="seconds")
