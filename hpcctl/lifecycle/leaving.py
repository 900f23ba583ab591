"""Before machines stop or reboot: their work ends in good order. Nothing of this may keep money running."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from threading import Timer

from hpcctl.configure import leave_stages
from hpcctl.errors import HpcctlError, Interrupted
from hpcctl.lifecycle.access import ensure_access
from hpcctl.lifecycle.telling import StepLog
from hpcctl.lifecycle.viewing import cluster_view, login_target
from hpcctl.progress import Progress
from hpcctl.remote.runner import run_stages
from hpcctl.remote.ssh import Lifeline, connect
from hpcctl.schedulers import scheduler
from hpcctl.state import ClusterRecord
from hpcctl.steps.boots import Boot, boots
from hpcctl.steps.model import State, StepResult
from hpcctl.workspace import Workspace

HEAD_SECONDS = 30
NODE_SECONDS = 30
LEAVE_SECONDS = 180
"""The longest that a cluster waits for hosts that do not answer, before it is stopped all the same."""


def leave(
    workspace: Workspace, record: ClusterRecord, nodes: frozenset[str], progress: Progress
) -> tuple[Boot, ...]:
    """Have ``nodes`` end their jobs and let go of the file systems; the present boot of those that answered.

    What does not answer in time is warned of, and is no error.
    """
    lifeline = Lifeline()
    limit = Timer(LEAVE_SECONDS, lifeline.cut)
    limit.daemon = True
    limit.start()
    results: list[StepResult] = []
    try:
        with progress.phase("leave"):
            ensure_access(workspace, record, progress)
            _run(workspace, record, nodes, _Told(progress, results), lifeline)
    except Interrupted:
        raise
    except (
        HpcctlError
    ) as error:  # a head that does not answer, a key that is not here: it is stopped all the same
        progress.warn(error.message)
    finally:
        limit.cancel()
    _warn(nodes, results, progress)
    return _boots(results)


class _Told:
    """What hosts tell is passed on at once, and kept."""

    def __init__(self, progress: Progress, results: list[StepResult]) -> None:
        self._progress = progress
        self._results = results

    def __call__(self, result: StepResult) -> None:
        self._results.append(result)
        self._progress.detail(f"{result.host}: {result.step}")
        if result.state is not State.FAILED and result.step != boots().name:
            for line in result.output.splitlines():
                self._progress.note(line)


def _run(
    workspace: Workspace, record: ClusterRecord, nodes: frozenset[str], told: _Told, lifeline: Lifeline
) -> None:
    view = cluster_view(workspace, record)
    stages = leave_stages(view, scheduler(record.spec.scheduler), nodes)
    chosen = replace(view, hosts=(view.head, *(host for host in view.compute if host.name in nodes)))
    target = login_target(workspace, record, view)
    with (
        connect(target, seconds=HEAD_SECONDS, lifeline=lifeline) as head,
        StepLog(workspace.log / "steps.log") as log,
    ):

        def heard(result: StepResult) -> None:
            log.told(result)
            told(result)

        run_stages(head, chosen, stages, told=heard, reach_seconds=NODE_SECONDS)


def _warn(nodes: frozenset[str], results: Iterable[StepResult], progress: Progress) -> None:
    """Name the hosts whose file systems were not seen to be written out."""
    clean = {one.host for one in results if one.step == "file systems" and one.state is not State.FAILED}
    failed = {one.host: one for one in results if one.state is State.FAILED and one.host in nodes}
    for host in sorted(nodes - clean):
        reason = f"{failed[host].step}: {_last(failed[host].output)}" if host in failed else "no answer"
        progress.warn(
            f"{host} did not end its work in good order ({reason}); "
            "its own system writes out what is left when it shuts down"
        )


def _last(output: str) -> str:
    lines = output.strip().splitlines()
    return lines[-1] if lines else "failed"


def _boots(results: Iterable[StepResult]) -> tuple[Boot, ...]:
    return tuple(
        Boot(host=one.host, boot_id=one.output.strip())
        for one in results
        if one.step == boots().name and one.output and one.state is not State.FAILED
    )
