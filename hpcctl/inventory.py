"""The hosts that Terraform reports: one structured output, one frozen record, JSON both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from hpcctl.decode import decode
from hpcctl.spec.model import Role


@dataclass(frozen=True, kw_only=True)
class Host:
    """One node as it is: addresses are None while it is stopped or gone."""

    name: str
    role: Role
    instance_id: str
    private_ip: str
    public_ip: str | None


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """All hosts, the head first, and the volume of /share."""

    hosts: tuple[Host, ...]
    share_volume_id: str

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
        """From Terraform's output ``inventory`` or from cluster.json: {hosts: [...], share_volume_id}."""
        given = decode(cls, data, "inventory")
        hosts = sorted(given.hosts, key=lambda host: (host.role is not Role.HEAD, host.name))
        return replace(given, hosts=tuple(replace(host, public_ip=host.public_ip or None) for host in hosts))

    def to_json(self) -> dict[str, Any]:
        """The same shape as Terraform's output."""
        return {
            "hosts": [{**asdict(host), "role": host.role.value} for host in self.hosts],
            "share_volume_id": self.share_volume_id,
        }
