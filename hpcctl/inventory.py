"""The hosts that Terraform reports: one structured output, one frozen record, JSON both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from hpcctl.decode import decode
from hpcctl.spec.model import SHARE, Role
from hpcctl.upgrade import upgraded_inventory


@dataclass(frozen=True, kw_only=True)
class Host:
    """One node as it is: addresses are None while it is stopped or gone."""

    name: str
    role: Role
    group: str
    instance_id: str
    private_ip: str
    public_ip: str | None


@dataclass(frozen=True, kw_only=True)
class HostVolume:
    """A volume of the head, by its name in the spec."""

    name: str
    volume_id: str


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """All hosts, the head first, and the head's volumes; that of /share is always there."""

    hosts: tuple[Host, ...]
    volumes: tuple[HostVolume, ...]

    @property
    def share_volume_id(self) -> str:
        """The volume behind /share."""
        return self.volume_id(SHARE)

    def volume_id(self, name: str) -> str:
        """The id of the volume of this name; KeyError where there is none."""
        return {volume.name: volume.volume_id for volume in self.volumes}[name]

    @property
    def head(self) -> Host:
        """The one host that is the head."""
        return self.hosts[0]

    @property
    def compute(self) -> tuple[Host, ...]:
        """All hosts but the head."""
        return self.hosts[1:]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Inventory:
        """From Terraform's output ``inventory`` or from cluster.json: {hosts: [...], volumes: [...]}."""
        given = decode(cls, upgraded_inventory(data) if isinstance(data, Mapping) else data, "inventory")
        hosts = sorted(given.hosts, key=lambda host: (host.role is not Role.HEAD, host.name))
        if not any(volume.name == SHARE for volume in given.volumes):
            raise ValueError("inventory.volumes: that of /share is not among them")
        return replace(
            given,
            hosts=tuple(replace(host, public_ip=host.public_ip or None) for host in hosts),
            volumes=tuple(sorted(given.volumes, key=lambda volume: (volume.name != SHARE, volume.name))),
        )

    def to_json(self) -> dict[str, Any]:
        """The same shape as Terraform's output."""
        return {
            "hosts": [{**asdict(host), "role": host.role.value} for host in self.hosts],
            "volumes": [asdict(volume) for volume in self.volumes],
        }
