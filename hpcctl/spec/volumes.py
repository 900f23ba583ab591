"""The head's volumes and the device names that they are asked for by: the same at every look."""

from __future__ import annotations

from dataclasses import dataclass

from hpcctl.spec.model import ClusterSpec, Volume

_FIRST = ord("f")
"""EC2 recommends /dev/sdf and what follows; /dev/sda and /dev/xvda are root disks."""


@dataclass(frozen=True, kw_only=True)
class Attached:
    """A volume on its device: ``sdf`` for that of /share, ``sdg`` for the first of the others."""

    volume: Volume
    device: str

    @property
    def path(self) -> str:
        """The name as EC2 takes it. What the machine calls the disk is for its kernel to say."""
        return f"/dev/{self.device}"


def attached_volumes(spec: ClusterSpec) -> tuple[Attached, ...]:
    """All of them in the order of the spec, that of /share first."""
    return tuple(
        Attached(volume=volume, device=f"sd{chr(_FIRST + number)}")
        for number, volume in enumerate((spec.share, *spec.volumes))
    )
