"""What hpcctl remembers of a cluster, as a frozen record and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from hpcctl.inventory import Inventory
from hpcctl.spec.model import Base, Cloud, ClusterSpec, Facts, InstanceFacts

SCHEMA_VERSION = 1


class Phase(str, Enum):
    """How far the last command came. What the machines do now is for the cloud to say."""

    CREATING = "creating"
    READY = "ready"
    DEGRADED = "degraded"  # the machines are there, and some host or check failed
    STOPPED = "stopped"
    TERMINATING = "terminating"


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How long a phase took; ``depth`` 1 and more are parts of the phase before them."""

    name: str
    seconds: float
    depth: int = 0


@dataclass(frozen=True, kw_only=True)
class ClusterRecord:
    """One cluster. ``created`` is ISO 8601 in UTC; ``key_file`` is the user's own public key, if any.

    ``addresses`` are the private ones that the nodes get, promised before any machine exists.
    """

    spec: ClusterSpec
    cloud: Cloud
    phase: Phase
    created: str
    facts: Facts | None = None
    base: Base | None = None
    inventory: Inventory | None = None
    key_file: str | None = None
    addresses: tuple[str, ...] = ()
    timings: tuple[Timing, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, with the version of the schema."""
        return {
            "schema": SCHEMA_VERSION,
            "spec": {**asdict(self.spec), "tags": [list(tag) for tag in self.spec.tags]},
            "cloud": asdict(self.cloud),
            "phase": self.phase.value,
            "created": self.created,
            "facts": asdict(self.facts) if self.facts else None,
            "base": asdict(self.base) if self.base else None,
            "inventory": self.inventory.to_json() if self.inventory else None,
            "key_file": self.key_file,
            "addresses": list(self.addresses),
            "timings": [asdict(timing) for timing in self.timings],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ClusterRecord:
        """The same record again. KeyError, TypeError or ValueError where the JSON is not one."""
        if data["schema"] != SCHEMA_VERSION:
            raise ValueError(f"schema {data['schema']!r} is not {SCHEMA_VERSION}")
        return cls(
            spec=_spec(data["spec"]),
            cloud=Cloud(**data["cloud"]),
            phase=Phase(data["phase"]),
            created=str(data["created"]),
            facts=_facts(data["facts"]) if data["facts"] else None,
            base=Base(**data["base"]) if data["base"] else None,
            inventory=Inventory.from_json(data["inventory"]) if data["inventory"] else None,
            key_file=data["key_file"],
            addresses=tuple(data["addresses"]),
            timings=tuple(Timing(**timing) for timing in data["timings"]),
        )


def _spec(data: Mapping[str, Any]) -> ClusterSpec:
    return ClusterSpec(**{**data, "tags": tuple((key, value) for key, value in data["tags"])})


def _facts(data: Mapping[str, Any]) -> Facts:
    return Facts(**{**data, "instance": InstanceFacts(**data["instance"]), "notes": tuple(data["notes"])})
