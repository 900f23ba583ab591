"""Machines by Terraform, and on them, as soon as they are there, the steps and the check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from hpcctl.errors import BrokenOff, HostFailure, TerraformError, Unanswered
from hpcctl.inventory import Inventory
from hpcctl.lifecycle.configuring import START_STEP, Outcome, configure_cluster
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.early import EarlyStart
from hpcctl.lifecycle.terraforming import apply
from hpcctl.lifecycle.zones import why_elsewhere
from hpcctl.metering import started
from hpcctl.spec.model import HEAD
from hpcctl.state import ClusterRecord
from hpcctl.workspace import Workspace

Make = Callable[[], Inventory]
"""Terraform's part of a build."""


def build(
    workspace: Workspace,
    record: ClusterRecord,
    context: Context,
    *,
    make: Make | None = None,
    doomed: frozenset[str] = frozenset(),
) -> tuple[ClusterRecord, Outcome]:
    """The record with its inventory, saved, and what configuring came to. Machines that are lost are an outcome.

    ``make`` is Terraform's part, by default an apply whose plan nobody reads; ``doomed`` are the ids of the instances
    that it replaces.
    """
    try:
        return _built(workspace, record, context, make or _plain(workspace, record, context), doomed)
    except TerraformError as error:
        if not error.died or why_elsewhere(error):
            raise
        return record, _failed(error.died, START_STEP, error.message)


def _plain(workspace: Workspace, record: ClusterRecord, context: Context) -> Make:
    def make() -> Inventory:
        with context.progress.phase("terraform: cluster"):
            outputs = apply(workspace.terraform, size=record.spec.nodes, context=context)
        return Inventory.from_json(outputs["inventory"])

    return make


def _built(
    workspace: Workspace, record: ClusterRecord, context: Context, make: Make, doomed: frozenset[str]
) -> tuple[ClusterRecord, Outcome]:
    progress = context.progress
    with progress.phase("cluster"), EarlyStart(workspace, record, progress, doomed=doomed) as early:
        record = started(replace(record, inventory=make()))
        workspace.save(record)
        return record, _configured(workspace, record, context, early)


def _configured(workspace: Workspace, record: ClusterRecord, context: Context, early: EarlyStart) -> Outcome:
    """A connection that breaks off is made once more: only a head that does not answer then is lost."""
    progress = context.progress
    assert record.inventory
    try:
        try:
            return early.outcome(record.inventory) or configure_cluster(workspace, record, progress)
        except BrokenOff as error:
            progress.warn(f"{error.message}; once more")
            return configure_cluster(workspace, record, progress)
    except Unanswered as error:
        return _failed([HEAD], "ssh", error.message)


def _failed(nodes: Sequence[str], step: str, words: str) -> Outcome:
    failures = tuple(HostFailure(host=node, step=step, output=words) for node in nodes)
    return Outcome(unchanged=0, checks=(), failures=failures)
