"""From a spec to a cluster that has passed its check; a run that was interrupted goes on where it stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial
from secrets import token_hex

from hpcctl.absent import absences_of
from hpcctl.aws import preflight
from hpcctl.errors import HostsFailed, StateError
from hpcctl.lifecycle.base import ensure_base
from hpcctl.lifecycle.building import build
from hpcctl.lifecycle.configuring import Outcome
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.guarding import NO_LOSS, Permission
from hpcctl.lifecycle.keeping import drop_unmarked, mark
from hpcctl.lifecycle.lagging import patiently
from hpcctl.lifecycle.lifetimes import counted_anew, still_counting
from hpcctl.lifecycle.mending import confirmed_absences, require_mendable, restored
from hpcctl.lifecycle.previewing import Review, preview, require_affordable
from hpcctl.lifecycle.replacing import leave_out, settle_lost
from hpcctl.lifecycle.sharing import prepare_sharing
from hpcctl.lifecycle.writing import write_down
from hpcctl.lifecycle.zones import in_some_zone
from hpcctl.spec.differences import differences
from hpcctl.spec.model import Base, Cloud, ClusterSpec, Facts
from hpcctl.state import ClusterRecord, Phase, Rates
from hpcctl.workspace import Workspace

_UNFINISHED = (Phase.CREATING, Phase.DEGRADED)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What preflight has found, what the base is and what an hour costs, for clusters that are alike."""

    facts: Facts
    base: Base
    rates: Rates


@dataclass(frozen=True, kw_only=True)
class CreateRequest:
    """What to make and where; ``key_file`` is the path of the user's own public key, if one was given.

    ``permission``: what may be lost where the cluster, or a part of it, is there already. ``review`` sees what will be
    made and what that costs, before anything is; above ``max_usd_hour`` US dollars nothing is made. ``prepared``: all
    that has been asked, reviewed and made already, for this one and others like it.
    """

    spec: ClusterSpec
    cloud: Cloud
    key_file: str | None = None
    permission: Permission = NO_LOSS
    max_usd_hour: float | None = None
    review: Review | None = None
    prepared: Prepared | None = None


def create(request: CreateRequest, *, context: Context) -> ClusterRecord:
    """Make the cluster, or finish one that an earlier run left half made.

    Raises SpecError before anything is made; TerraformError, RemoteError and HostsFailed leave the cluster
    up, so that the same command, `check` and `terminate` can work on it. Only where second machines are lost as
    well, and too few nodes are left, is everything undone.
    """
    if not request.prepared:
        prepare_sharing(request.spec, request.cloud, context)
    workspace = Workspace(home=context.home, name=request.spec.name, cloud=request.cloud)
    with workspace.lock("create", wait=context.wait, say=context.progress.note):
        record = _resumed(workspace, request)
        if record:
            if record.given_up:
                leave_out(workspace, record)
            require_mendable(confirmed_absences(record), record, request.permission)
        permission = request.permission if record else None
        record = record or _prepared(workspace, request, context)
        return in_some_zone(workspace, record, context, partial(_made, workspace, context, permission))


def _made(
    workspace: Workspace, context: Context, permission: Permission | None, record: ClusterRecord
) -> ClusterRecord:
    """Machines by Terraform, and on them, as soon as they are there, the steps and the check.

    Without ``permission`` nothing of the cluster exists yet, so that there is no plan to read.
    """
    guarded = partial(restored, workspace, record, context, permission or NO_LOSS)
    again = partial(build, workspace, record, context, make=guarded)
    first = again if permission else partial(build, workspace, record, context)
    record, outcome = patiently(first, again, context)
    record, outcome = settle_lost(workspace, record, outcome, context)
    mark(record)
    drop_unmarked(record, context)
    record = replace(record, phase=Phase.DEGRADED if outcome.failures else Phase.READY)
    workspace.save(record)
    raise_failures(record.spec.name, outcome)
    return record


def _resumed(workspace: Workspace, request: CreateRequest) -> ClusterRecord | None:
    """The record of a cluster that is unfinished, or lacks something, if it was for the same spec."""
    if not workspace.exists():
        return None
    record = workspace.load()
    name = record.spec.name
    other = differences(_renewed(request.spec, record.spec), request.spec)
    listing = f": {'; '.join(other)}" if other else ""
    if record.phase not in _UNFINISHED and (
        other or record.phase is not Phase.READY or not absences_of(record)
    ):
        ways = (
            f"it is stopped: hpcctl start {name}" if record.phase is Phase.STOPPED else f"hpcctl show {name}"
        )
        raise StateError(
            f"there is a cluster called {name} already ({record.phase.value}){listing}",
            hint=f"{ways}; or choose another name; or hpcctl terminate {name}",
        )
    if other:
        raise StateError(
            f"an unfinished cluster called {name} is there, with other settings{listing}",
            hint=f"repeat its own `hpcctl create`, or begin anew after `hpcctl terminate {name}`",
        )
    return still_counting(replace(record, spec=_renewed(request.spec, record.spec)))


def same_wish(wanted: ClusterSpec, spec: ClusterSpec) -> bool:
    """Is it the cluster that was made, but for what a repeated create may decide anew?"""
    return _renewed(wanted, spec) == wanted


def _renewed(wanted: ClusterSpec, spec: ClusterSpec) -> ClusterSpec:
    """``spec`` with the word of ``wanted`` about lost machines, and about who may log in."""
    return replace(
        spec,
        min_nodes=wanted.min_nodes,
        boot_seconds=wanted.boot_seconds,
        authorized=wanted.authorized,
    )


def _prepared(workspace: Workspace, request: CreateRequest, context: Context) -> ClusterRecord:
    """Everything that is decided before a machine exists, written down."""
    known = request.prepared or prepare(request, context)
    record = ClusterRecord(
        spec=request.spec,
        cloud=request.cloud,
        phase=Phase.CREATING,
        cluster_id=token_hex(4),
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        key_file=request.key_file,
        rates=known.rates,
    )
    return write_down(workspace, counted_anew(record), known.facts, known.base)


def prepare(request: CreateRequest, context: Context, *, copies: int = 1) -> Prepared:
    """Facts and prices for ``copies`` like clusters, reviewed, and their base. SpecError before anything is made."""
    with context.progress.phase("preflight"):
        facts = preflight(request.spec, request.cloud, progress=context.progress, copies=copies)
        seen = preview(request.spec, facts, request.cloud, home=context.home, copies=copies)
    require_affordable(seen, request.max_usd_hour)
    if request.review:
        request.review(seen)
    base = ensure_base(request.spec, request.cloud, facts, context)
    return Prepared(facts=facts, base=base, rates=seen.quote.rates)


def raise_failures(name: str, outcome: Outcome) -> None:
    """HostsFailed if any host failed; the cluster stays up."""
    if outcome.failures:
        raise HostsFailed(
            outcome.failures,
            hint=f"the cluster is up: `hpcctl ssh {name}` to look, `hpcctl check {name}` after mending,"
            f" the same `hpcctl create` to configure again, `hpcctl terminate {name}` to give up",
        )
