"""Where in a cluster file something is said: paths such as ``compute.gpu.type``, by which AWS's problems are told."""

from __future__ import annotations

from hpcctl.spec.model import HEAD, SHARE, ClusterSpec, Efs, NodeGroup, Volume


def of_group(group: NodeGroup, field: str) -> str:
    """``head.type``, ``compute.gpu.type``."""
    return f"{HEAD}.{field}" if group.name == HEAD else f"compute.{group.name}.{field}"


def of_image(spec: ClusterSpec, group: NodeGroup) -> str:
    """Where the image of the group is named: in the group itself, else for the whole cluster."""
    return of_group(group, "image") if group.image else "image"


def of_volume(volume: Volume, field: str) -> str:
    """``storage.share.snapshot``, ``storage.volume.data.id``."""
    place = SHARE if volume.name == SHARE else f"volume.{volume.name}"
    return f"storage.{place}.{field}"


def of_efs(efs: Efs) -> str:
    """``storage.efs.models.id``."""
    return f"storage.efs.{efs.name}.id"
