"""Volumes that outlive their cluster: marked as long as they are on the head, told of when it has gone."""

from __future__ import annotations

from pathlib import Path

from hpcctl.aws import instances_of, items, prices
from hpcctl.aws.keeping import KeptVolume, delete_loose, kept_volumes, mark_kept
from hpcctl.inventory import HostVolume
from hpcctl.lifecycle.context import Context
from hpcctl.spec.model import SHARE, Role
from hpcctl.state import ClusterRecord


def keeps(record: ClusterRecord) -> frozenset[str]:
    """The names of the volumes that were made for the cluster and are to outlive it."""
    spec = record.spec
    return frozenset(one.name for one in (spec.share, *spec.volumes) if one.keep and not one.volume_id)


def mark(record: ClusterRecord) -> None:
    """From here on these volumes stay, whatever becomes of the cluster. Safe to repeat."""
    names = keeps(record)
    if not names:
        return
    for volume in _on_head(record):
        if volume.name in names:
            mark_kept(record.cloud, record.spec.name, volume.volume_id, volume.name)


def drop_unmarked(record: ClusterRecord, context: Context) -> None:
    """Delete what heads have left behind that never came to work: they end without their volumes."""
    if keeps(record):
        delete_loose(record.cloud, record.cluster_id, say=context.progress.detail)


def tell_kept(record: ClusterRecord, context: Context) -> None:
    """What is left when the cluster has gone, what it costs, and how to use it again."""
    if not keeps(record):
        return
    for volume in kept_volumes(record.cloud, record.cluster_id):
        words = _words(volume, _a_month(record, volume, context.home))
        context.progress.note(f"kept: {words}. In a cluster file: {_again(record, volume)}")


def _on_head(record: ClusterRecord) -> tuple[HostVolume, ...]:
    """As the cloud says; as the record says where there is no head any more."""
    head = next((one for one in instances_of(record.cloud, record.cluster_id) if one.role is Role.HEAD), None)
    seen = head.volumes_of(record.spec) if head else None
    return seen or (record.inventory.volumes if record.inventory else ())


def _a_month(record: ClusterRecord, volume: KeptVolume, home: Path) -> float | None:
    parts = items.volume_parts(volume.volume_type, volume.gib, iops=volume.iops, throughput=volume.throughput)
    return prices.prices_of(record.cloud, (part.item for part in parts), home=home).total(parts)


def _words(volume: KeptVolume, usd: float | None) -> str:
    cost = f", ${usd:.2f} a month" if usd is not None else ""
    name = "the volume of /share" if volume.name == SHARE else f"the volume {volume.name}"
    return f"{name}, {volume.volume_id} ({volume.gib} GB {volume.volume_type}{cost})"


def _again(record: ClusterRecord, volume: KeptVolume) -> str:
    """What a cluster file says to have it back; what was /share comes back beside the new cluster's own."""
    mounts = {one.name: one.mount for one in record.spec.volumes}
    name = "old" if volume.name == SHARE else volume.name
    return f'volume "{name}" with id = "{volume.volume_id}" and mount = "{mounts.get(volume.name, "/old")}"'
