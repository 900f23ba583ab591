"""Steps on a cluster's machines: one connection to the head, results told as they come."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from hpcctl.aws import tag_host_key
from hpcctl.configure import CHECK_STAGES, authorize_stages, check_stages, configure_stages, settled_stage
from hpcctl.errors import CloudError, HostFailure, LoginRefused
from hpcctl.lifecycle.access import ensure_access, regain, with_logins
from hpcctl.lifecycle.hostkeys import confirm_host_keys, prepare_host_keys
from hpcctl.lifecycle.telling import StagePhases, StepLog
from hpcctl.lifecycle.viewing import cluster_view, login_target, with_settled_keys
from hpcctl.progress import Progress
from hpcctl.remote.runner import run_on_head, run_stages
from hpcctl.remote.ssh import Head, Lifeline, connect
from hpcctl.schedulers import scheduler
from hpcctl.state import ClusterRecord
from hpcctl.steps.base import HOST_KEY
from hpcctl.steps.model import Stage, State, StepResult
from hpcctl.steps.view import ClusterView
from hpcctl.workspace import Workspace

START_STEP = "start"
"""What failed where a machine ended before it ran."""

ANSWER_SECONDS = 60
"""Until a head that runs answers, however busy it is."""

LOST_STEPS = frozenset({START_STEP, "ssh", "first boot"})
"""Where a machine fails in one of these it is no use to look at it; in any other, it lives."""


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One promise of a cluster on one host: kept or not, and what to do if not."""

    host: str
    check: str
    passed: bool
    seconds: float
    message: str = ""
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One step that had something to do on one host."""

    host: str
    step: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run on the machines came to: ``unchanged`` counts the steps that found everything in place."""

    changes: tuple[Change, ...] = ()
    unchanged: int
    checks: tuple[CheckResult, ...]
    failures: tuple[HostFailure, ...]

    @property
    def changed(self) -> int:
        """How many steps had something to do."""
        return len(self.changes)

    @property
    def lost(self) -> tuple[HostFailure, ...]:
        """Of the failures those of hosts that never answered, never finished their first boot, or died."""
        return tuple(failure for failure in self.failures if failure.step in LOST_STEPS)


@dataclass(frozen=True, kw_only=True)
class Work:
    """Stages for one cluster, made when the head has told which keys it knows.

    Every machine has ``patience`` seconds, counted from now, to answer.
    """

    workspace: Workspace
    record: ClusterRecord
    view: ClusterView
    stages: Callable[[ClusterView], tuple[Stage, ...]]
    patience: float


def configure_cluster(
    workspace: Workspace,
    record: ClusterRecord,
    progress: Progress,
    *,
    lifeline: Lifeline | None = None,
) -> Outcome:
    """All steps and then the acceptance check, over one connection, which another thread may cut."""
    ensure_access(workspace, record, progress)
    hosts = record.inventory.hosts if record.inventory else ()
    prepare_host_keys(workspace, [host.name for host in hosts])
    view, chosen = cluster_view(workspace, record), scheduler(record.spec.scheduler)

    def stages(view: ClusterView) -> tuple[Stage, ...]:
        return (*configure_stages(view, chosen), *check_stages(view, chosen))

    work = Work(workspace=workspace, record=record, view=view, stages=stages, patience=record.boot_seconds)
    return _run(work, progress, lifeline or Lifeline())


def check_cluster(workspace: Workspace, record: ClusterRecord, progress: Progress) -> Outcome:
    """The acceptance check alone."""
    ensure_access(workspace, record, progress)
    view = cluster_view(workspace, record)
    stages = check_stages(view, scheduler(record.spec.scheduler))
    return _run(
        Work(workspace=workspace, record=record, view=view, stages=lambda _: stages, patience=ANSWER_SECONDS),
        progress,
        Lifeline(),
    )


def authorize_cluster(workspace: Workspace, record: ClusterRecord, progress: Progress) -> Outcome:
    """The accounts alone: whom the record does not name loses the keys."""
    ensure_access(workspace, record, progress)
    view = cluster_view(workspace, record)
    stages = authorize_stages(view)
    return _run(
        Work(workspace=workspace, record=record, view=view, stages=lambda _: stages, patience=ANSWER_SECONDS),
        progress,
        Lifeline(),
    )


def _run(work: Work, progress: Progress, lifeline: Lifeline) -> Outcome:
    deadline = time.monotonic() + work.patience
    with ExitStack() as opened:
        with progress.phase("wait for ssh"):
            head = _entered(work, progress, lifeline, opened)
        view = with_logins(work.view, head)
        stages = work.stages(view)
        log = opened.enter_context(StepLog(work.workspace.log / "steps.log"))
        with StagePhases(progress, stages[0].name) as phases:

            def told(result: StepResult) -> None:
                log.told(result)
                phases.told(result)

            left = max(deadline - time.monotonic(), ANSWER_SECONDS)
            results = run_stages(head, view, stages, told=told, reach_seconds=left)
        _settle(work, head, results, progress)
    return _outcome(stages, results)


def _entered(work: Work, progress: Progress, lifeline: Lifeline, opened: ExitStack) -> Head:
    target = login_target(work.workspace, work.record, work.view)
    try:
        return opened.enter_context(connect(target, seconds=work.patience, lifeline=lifeline))
    except LoginRefused:
        regain(work.workspace, work.record, progress)
        return opened.enter_context(connect(target, seconds=work.patience, lifeline=lifeline))


def _settle(work: Work, head: Head, results: tuple[StepResult, ...], progress: Progress) -> None:
    """Nodes that got their new host key: the head forgets the former one, then so does this machine."""
    arrived = {
        result.host for result in results if result.step == HOST_KEY and result.state is not State.FAILED
    }
    if not arrived:
        return
    run_on_head(head, settled_stage(with_settled_keys(work.view, arrived)))
    if work.view.head.name in arrived:
        _tell_host_key(work, progress)
    confirm_host_keys(work.workspace, arrived)


def _tell_host_key(work: Work, progress: Progress) -> None:
    """The head's public key becomes a tag, by which another machine of the same account can know the head."""
    try:
        tag_host_key(work.record.cloud, work.view.head.instance_id, work.view.host_keys[0].public)
    except CloudError as error:
        progress.note(f"{error.message}; logging in from another machine will need a copy of known_hosts")


def _outcome(stages: tuple[Stage, ...], results: tuple[StepResult, ...]) -> Outcome:
    hints = {(stage.name, step.name): step.hint for stage in stages for step in stage.steps}
    checks = [result for result in results if result.stage in CHECK_STAGES]
    work = [result for result in results if result.stage not in CHECK_STAGES]
    return Outcome(
        changes=tuple(
            Change(host=result.host, step=result.step) for result in work if result.state is State.CHANGED
        ),
        unchanged=sum(result.state is State.UNCHANGED for result in work),
        checks=tuple(
            CheckResult(
                host=result.host,
                check=result.step,
                passed=result.state is not State.FAILED,
                seconds=result.seconds,
                message=result.output.strip(),
                hint=hints.get((result.stage, result.step), "") if result.state is State.FAILED else "",
            )
            for result in checks
        ),
        failures=tuple(
            HostFailure(
                host=result.host,
                step=result.step,
                output=result.output.strip(),
                hint=hints.get((result.stage, result.step), ""),
            )
            for result in results
            if result.state is State.FAILED
        ),
    )
