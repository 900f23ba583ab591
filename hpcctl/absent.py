"""What a cluster lacks that it once had, as the cloud says at this moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcctl.spec.nodes import placed
from hpcctl.state import ClusterRecord

if TYPE_CHECKING:
    from hpcctl.aws import Absence


def absences_of(record: ClusterRecord) -> tuple[Absence, ...]:
    """What is missing of a cluster that was made once; nothing of one that was not."""
    if not record.inventory:
        return ()
    from hpcctl.aws import absences, resources_of

    return absences(
        resources_of(record.cloud, record.cluster_id),
        nodes=[host.name for host in record.inventory.hosts],
        volumes=record.inventory.volumes,
        placement_group=bool(record.facts and placed(record.spec, record.facts)),
        head_group=bool(record.spec.network.rules),
    )
