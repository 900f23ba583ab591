"""A zone without capacity: what was made there goes, and the whole cluster is made in the next zone.

The zone is noted in the record before anything is undone. So a run that is killed in between leaves a record whose own
zone is among those that were tried, and the next run undoes and moves it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from hpcctl.aws import find_base, mount_targets_in, usable_zones
from hpcctl.errors import CloudError, SpecError, StateError, TerraformError
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.terminating import undo
from hpcctl.lifecycle.writing import write_down
from hpcctl.spec.model import Base, Facts
from hpcctl.spec.nodes import machines_of
from hpcctl.state import Attempt, ClusterRecord, Phase
from hpcctl.workspace import Workspace

Make = Callable[[ClusterRecord], ClusterRecord]

_FULL = "no capacity"
REASONS = {
    "InsufficientInstanceCapacity": _FULL,
    "InsufficientHostCapacity": _FULL,
    "InsufficientCapacity": _FULL,
    "InsufficientVolumeCapacity": "no capacity for the volumes",
    "InsufficientFreeAddressesInSubnet": "no free addresses",
    "SpotMaxPriceTooLow": "spot capacity costs more than the limit",
    "Unsupported": "the type is not offered there",
}
"""What another zone may cure. Quotas are the region's: MaxSpotInstanceCountExceeded, VcpuLimitExceeded and their like
would be the same everywhere."""


def in_some_zone(workspace: Workspace, record: ClusterRecord, context: Context, make: Make) -> ClusterRecord:
    """What ``make`` returns for the record, moved to the next zone as often as that one has no capacity.

    Only a cluster that is still being created is moved. Raises CloudError, with everything undone and the workspace
    gone, when no zone is left.
    """
    while True:
        if _is_given_up(record):
            record = _moved(workspace, record, context)
        try:
            return make(record)
        except TerraformError as error:
            reason = why_elsewhere(error)
            record = workspace.load()
            if not reason or record.phase is not Phase.CREATING:
                raise
            record = _noted(workspace, record, reason)


def why_elsewhere(error: TerraformError) -> str:
    """Why the zone cannot have the cluster; empty where another zone would not help."""
    for code in error.codes:
        if code in REASONS:
            return f"{REASONS[code]} ({code})"
    return ""


def _is_given_up(record: ClusterRecord) -> bool:
    return record.facts is not None and record.facts.zone in {attempt.zone for attempt in record.tried}


def _noted(workspace: Workspace, record: ClusterRecord, reason: str) -> ClusterRecord:
    if not record.facts:
        raise StateError(f"the zone of {record.spec.name} is not known")
    attempt = Attempt(zone=record.facts.zone, reason=reason)
    noted = replace(record, tried=(*record.tried, attempt), inventory=None, replaced=(), given_up=())
    workspace.save(noted)
    return noted


def _moved(workspace: Workspace, record: ClusterRecord, context: Context) -> ClusterRecord:
    """The record in the next zone, after everything in the old one has gone."""
    last = record.tried[-1]
    context.progress.warn(f"{last.zone}: {last.reason}; what was made there is taken away")
    undo(workspace, record, context)
    for facts, base in _places(record):
        context.progress.note(f"trying {facts.zone}")
        try:
            return write_down(workspace, record, facts, base)
        except CloudError as error:  # too few addresses are free there
            record = replace(record, tried=(*record.tried, Attempt(zone=facts.zone, reason=error.message)))
            workspace.save(record)
    workspace.remove()
    raise _nowhere(record)


def _places(record: ClusterRecord) -> Iterator[tuple[Facts, Base]]:
    """The zones that are left and could have the cluster."""
    if not record.facts or len(record.spec.zones) == 1:
        return
    tried = {attempt.zone for attempt in record.tried}
    spec, cloud, facts = record.spec, record.cloud, record.facts
    for zone in usable_zones(cloud, spec):
        if zone in tried:
            continue
        try:
            base = find_base(cloud, spec, account=facts.account, zone=zone).base
        except SpecError:  # the base has no subnet there
            continue
        if base:
            targets = mount_targets_in(cloud, spec, vpc_id=base.vpc_id, zone=zone)
            yield replace(facts, zone=zone, mount_targets=targets), base


def _nowhere(record: ClusterRecord) -> CloudError:
    spec = record.spec
    tried = "; ".join(f"{attempt.zone}: {attempt.reason}" for attempt in record.tried)
    others = "another zone (leave --zone out), " if spec.zones else ""
    return CloudError(
        f"no zone has {machines_of(spec)} now; everything that was made is gone again. Tried: {tried}",
        hint=f"{others}another type, fewer nodes, or the same command later",
    )
