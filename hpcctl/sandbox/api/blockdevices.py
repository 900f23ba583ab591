"""The disks of a launch: what the request says, what the image says, and EC2's defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hpcctl.sandbox.api.errors import client_error

PROVISIONED = ("io1", "io2")
"""Types of volumes whose IOPS must be asked for."""


@dataclass(frozen=True, kw_only=True)
class RootDevice:
    """The image's own disk."""

    name: str
    gib: int


def launch_mappings(requested: Iterable[Mapping[str, Any]], root: RootDevice) -> list[dict[str, Any]]:
    """The block devices of a launch as moto takes them, the root device first whether it was named or not."""
    named = {mapping.get("DeviceName", ""): mapping for mapping in requested}
    first = _root(named.pop(root.name, {}).get("Ebs") or {}, root)
    return [first, *(_data(name, mapping) for name, mapping in named.items() if "NoDevice" not in mapping)]


def _root(ebs: Mapping[str, Any], root: RootDevice) -> dict[str, Any]:
    size = int(ebs.get("VolumeSize") or root.gib)
    if size < root.gib:
        message = f"Volume of size {size}GB is smaller than snapshot, expect size >= {root.gib}GB"
        raise client_error("InvalidBlockDeviceMapping", message)
    return _mapping(root.name, ebs, size=size, delete=True)


def _data(name: str, mapping: Mapping[str, Any]) -> dict[str, Any]:
    ebs = mapping.get("Ebs") or {}
    if not name:
        raise client_error("MissingParameter", "The request must contain the parameter deviceName")
    if not ebs.get("VolumeSize") and not ebs.get("SnapshotId"):
        raise client_error("MissingParameter", "The request must contain the parameter size or snapshotId")
    if ebs.get("VolumeType") in PROVISIONED and not ebs.get("Iops"):
        raise client_error("MissingParameter", "The request must contain the parameter iops")
    return _mapping(name, ebs, size=ebs.get("VolumeSize"), delete=False)


def _mapping(name: str, ebs: Mapping[str, Any], *, size: Any, delete: bool) -> dict[str, Any]:
    own = {
        "SnapshotId": ebs.get("SnapshotId"),
        "VolumeSize": size,
        "VolumeType": ebs.get("VolumeType") or "gp3",
        "DeleteOnTermination": ebs.get("DeleteOnTermination", delete),
        "Encrypted": bool(ebs.get("Encrypted", False)),
        "KmsKeyId": ebs.get("KmsKeyId"),
        "Iops": ebs.get("Iops"),
        "Throughput": ebs.get("Throughput"),
    }
    return {"DeviceName": name, "VirtualName": None, "NoDevice": None, "Ebs": own}
