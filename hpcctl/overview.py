"""All clusters as they are now: what is remembered, and what their clouds say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hpcctl.errors import CloudError, CredentialsError, StateError, UnreachableError
from hpcctl.spec.model import S3
from hpcctl.state import Phase
from hpcctl.workspace import Entry, Workspace, entries, records

if TYPE_CHECKING:
    from hpcctl.aws import InstanceState
    from hpcctl.spec.model import Cloud
    from hpcctl.state import ClusterRecord


@dataclass(frozen=True, kw_only=True)
class ClusterStatus:
    """One cluster. ``state`` is one word, or two; ``problem`` says why more is not known.

    ``missing`` is what was removed behind its back, where that was asked for. ``asked``: the cloud was.
    """

    entry: Entry
    state: str
    instances: tuple[InstanceState, ...] = ()
    problem: str = ""
    missing: tuple[str, ...] = ()
    asked: bool = True

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self.entry.workspace.name

    @property
    def record(self) -> ClusterRecord | None:
        """What is remembered; None where cluster.json is damaged."""
        return self.entry.record

    @property
    def is_known(self) -> bool:
        """Did the cloud answer?"""
        return not self.problem

    def age_seconds(self, now: datetime | None = None) -> float | None:
        """How long ago it was created."""
        if self.record is None:
            return None
        try:
            created = datetime.fromisoformat(self.record.created)
        except ValueError:
            return None
        return ((now or datetime.now(timezone.utc)) - created).total_seconds()


def overview(home: Path, names: Collection[str] | None = None) -> tuple[ClusterStatus, ...]:
    """All clusters, or those named, by name. Each distinct cloud is asked once, all at the same time."""
    return _statuses([one for one in entries(home) if names is None or one.workspace.name in names])


def remembered(home: Path, names: Collection[str] | None = None) -> tuple[ClusterStatus, ...]:
    """The same without a question to any cloud."""
    known = [one for one in entries(home) if names is None or one.workspace.name in names]
    return tuple(
        ClusterStatus(entry=one, state=one.record.phase.value, asked=False) if one.record else _damaged(one)
        for one in known
    )


def refresh_shared(home: Path) -> tuple[str, ...]:
    """Bring this machine's copies of shared clusters up to date; what could not be asked, in words."""
    own = {record.spec.name: record for record in records(home)}
    if not (home / "config.hcl").exists() and all(record.cloud.state != S3 for record in own.values()):
        return ()
    from hpcctl.stores.team import refresh

    return refresh(home, own)


def status_of(home: Path, name: str) -> ClusterStatus:
    """One cluster, and what it lacks. UnknownCluster, or StateError where its record is damaged."""
    workspace = Workspace(home=home, name=name)
    record = workspace.current()
    with ThreadPoolExecutor(1) as pool:
        missing = pool.submit(_missing, record)
        status = _statuses([Entry(workspace=workspace, record=record)])[0]
        return replace(status, missing=missing.result())


def statuses_of(home: Path, names: Sequence[str]) -> tuple[ClusterStatus, ...]:
    """Several, each as ``status_of`` gives it; one whose record is damaged does not hide the others."""
    if len(names) == 1:
        return (status_of(home, names[0]),)
    with ThreadPoolExecutor(8) as pool:
        return tuple(pool.map(partial(_status_or_why, home), names))


def _status_or_why(home: Path, name: str) -> ClusterStatus:
    try:
        return status_of(home, name)
    except StateError as error:
        entry = Entry(workspace=Workspace(home=home, name=name), record=None, error=error)
        return _damaged(entry)


def _missing(record: ClusterRecord) -> tuple[str, ...]:
    from hpcctl.absent import absences_of

    if record.phase is Phase.TERMINATING:
        return ()
    try:
        return tuple(
            f"{absence.what} (spot)" if absence.node in record.spot_names else absence.what
            for absence in absences_of(record)
            if not (record.is_resting and absence.node in record.spot_names)
        )
    except CloudError:  # the instances, which are asked for as well, tell why
        return ()


def _statuses(known: Sequence[Entry]) -> tuple[ClusterStatus, ...]:
    clouds = {entry.record.cloud for entry in known if entry.record}
    if not clouds:  # and boto3 is never imported
        return tuple(_damaged(entry) for entry in known)
    only = known[0].workspace.name if len(known) == 1 else None
    with ThreadPoolExecutor(8) as pool:
        asked = {cloud: pool.submit(_ask, cloud, only) for cloud in clouds}
        answers = {cloud: future.result() for cloud, future in asked.items()}
    return tuple(_status(entry, answers) for entry in known)


def _ask(cloud: Cloud, name: str | None) -> tuple[InstanceState, ...] | CloudError:
    from hpcctl.aws import instances

    try:
        return instances(cloud, name)
    except CloudError as error:
        return error


def _status(entry: Entry, answers: dict[Cloud, tuple[InstanceState, ...] | CloudError]) -> ClusterStatus:
    if entry.record is None:
        return _damaged(entry)
    answer = answers[entry.record.cloud]
    if isinstance(answer, CloudError):
        return ClusterStatus(entry=entry, state=_why(answer), problem=answer.message)
    mine = tuple(one for one in answer if one.cluster_id == entry.record.cluster_id)
    busy = entry.workspace.busy()
    state = state_of(entry.record, mine, busy_with=busy.verb if busy else None)
    return ClusterStatus(entry=entry, state=state, instances=mine)


def _damaged(entry: Entry) -> ClusterStatus:
    problem = entry.error.message if entry.error else ""
    return ClusterStatus(entry=entry, state="damaged", problem=problem)


def _why(error: CloudError) -> str:
    if isinstance(error, UnreachableError):
        return "unreachable"
    return "no credentials" if isinstance(error, CredentialsError) else "unknown"


_DOING = {
    "create": "creating",
    "terminate": "terminating",
    "start": "starting",
    "stop": "stopping",
    "restart": "restarting",
}
_HALF = {
    Phase.CREATING: "unfinished",
    Phase.TERMINATING: "half terminated",
    Phase.STOPPING: "half stopped",
    Phase.STARTING: "half started",
}


def state_of(record: ClusterRecord, present: Sequence[InstanceState], *, busy_with: str | None) -> str:
    """The state in a word or two, from the phase, the instances and what is being done now."""
    if busy_with in _DOING:
        return _DOING[busy_with]
    states = Counter(instance.state for instance in present)
    staying = len(record.node_names) - len(record.spot_names)
    at_rest = states["stopped"] == staying
    if record.phase in _HALF and not (at_rest and record.phase in (Phase.STOPPING, Phase.STARTING)):
        return _HALF[record.phase]
    if record.phase is Phase.STOPPED and states["running"]:
        return _HALF[Phase.STARTING]  # somebody has started it, and not by hpcctl
    return _counted(record, states)


def _counted(record: ClusterRecord, states: Counter[str]) -> str:
    if not states:
        return "gone"
    if states["running"] == len(record.node_names):
        return "degraded" if record.phase is Phase.DEGRADED else "running"
    staying = len(record.node_names) - len(record.spot_names)
    if len(states) == 1 and (sum(states.values()) == len(record.node_names) or states["stopped"] == staying):
        return next(iter(states))
    return f"{states['running']} of {len(record.node_names)} running"
