"""What hpcctl remembers of a cluster, as a frozen record and as JSON."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from hpcctl.decode import decode
from hpcctl.errors import Problem
from hpcctl.inventory import Inventory
from hpcctl.spec.authorize import problems_with
from hpcctl.spec.model import Base, Cloud, ClusterSpec, Facts
from hpcctl.spec.names import problems_with_name, problems_with_user
from hpcctl.spec.nodes import expand, group_of, is_node_name
from hpcctl.spec.written import problems_with_words
from hpcctl.upgrade import upgraded

SCHEMA_VERSION = 2

HOURS_A_MONTH = 730
"""As AWS's own calculator counts."""


class Phase(str, Enum):
    """How far the last command came. What the machines do now is for the cloud to say."""

    CREATING = "creating"
    READY = "ready"
    DEGRADED = "degraded"  # the machines are there, and some host or check failed
    STOPPING = "stopping"
    STOPPED = "stopped"
    STARTING = "starting"
    TERMINATING = "terminating"


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How long a phase took; ``depth`` 1 and more are parts of the phase before them."""

    name: str
    seconds: float
    depth: int = 0


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A zone in which the cluster could not be made, and why."""

    zone: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Running:
    """A time in which the machines ran: from ``since`` to ``until`` (ISO 8601; None: they still run)."""

    since: str
    until: str | None = None


@dataclass(frozen=True, kw_only=True)
class Rates:
    """What the cluster costs, in US dollars at the prices of ``day``; None where one of them is not known.

    ``usd_hour``: machines and addresses, for an hour in which they run; ``usd_month``: disks, for a month, always.
    """

    usd_hour: float | None
    usd_month: float | None
    day: str

    @property
    def usd_hour_running(self) -> float | None:
        """For an hour of running, with its part of the month."""
        if self.usd_hour is None or self.usd_month is None:
            return None
        return self.usd_hour + self.usd_month / HOURS_A_MONTH


@dataclass(frozen=True, kw_only=True)
class ClusterRecord:
    """One cluster.

    ``cluster_id`` is on everything of it as the tag ``hpcctl:id``; ``created`` is ISO 8601 in UTC; ``key_file``
    is the user's own public key, if any; ``addresses`` are the private ones that the nodes get, promised before
    any machine exists; ``tried`` are the zones that had no capacity; ``replaced`` are the nodes that got a second
    machine during this create; ``given_up`` are those that the cluster goes on without;
    ``moving`` is where it is being moved to (``s3`` or ``local``), until that is finished. ``usage`` is when it ran, at
    ``rates``; at ``expires`` (ISO 8601) the machines switch themselves off.
    """

    spec: ClusterSpec
    cloud: Cloud
    phase: Phase
    created: str
    cluster_id: str
    facts: Facts | None = None
    base: Base | None = None
    inventory: Inventory | None = None
    key_file: str | None = None
    addresses: tuple[str, ...] = ()
    tried: tuple[Attempt, ...] = ()
    replaced: tuple[str, ...] = ()
    given_up: tuple[str, ...] = ()
    moving: str | None = None
    timings: tuple[Timing, ...] = ()
    usage: tuple[Running, ...] = ()
    rates: Rates | None = None
    expires: str | None = None

    @property
    def node_names(self) -> tuple[str, ...]:
        """The nodes that belong to the cluster, the head first: those asked for without those given up."""
        return tuple(node.name for node in expand(self.spec) if node.name not in self.given_up)

    @property
    def spot_names(self) -> frozenset[str]:
        """Those of them that cannot be stopped: they end when the cluster stops, and AWS may end them."""
        return frozenset(name for name in self.node_names if self.spec.group(group_of(name)).spot)

    @property
    def is_resting(self) -> bool:
        """Was it stopped, so that no spot node is to be there?"""
        return self.phase in (Phase.STOPPING, Phase.STOPPED)

    @property
    def head_address(self) -> str | None:
        """Where one logs in: at the head's private address if it is to have no public one. None while it has none."""
        if not self.inventory:
            return None
        head = self.inventory.head
        return head.public_ip if self.spec.head.public_address else head.private_ip

    @property
    def boot_seconds(self) -> int:
        """How long a machine may take until it answers."""
        return self.spec.boot_seconds or self.cloud.boot_seconds

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, with the version of the schema."""
        return {
            "schema": SCHEMA_VERSION,
            "spec": asdict(self.spec),
            "cloud": asdict(self.cloud),
            "phase": self.phase.value,
            "created": self.created,
            "cluster_id": self.cluster_id,
            "facts": asdict(self.facts) if self.facts else None,
            "base": asdict(self.base) if self.base else None,
            "inventory": self.inventory.to_json() if self.inventory else None,
            "key_file": self.key_file,
            "addresses": list(self.addresses),
            "tried": [asdict(attempt) for attempt in self.tried],
            "replaced": list(self.replaced),
            "given_up": list(self.given_up),
            "moving": self.moving,
            "timings": [asdict(timing) for timing in self.timings],
            "usage": [asdict(one) for one in self.usage],
            "rates": asdict(self.rates) if self.rates else None,
            "expires": self.expires,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ClusterRecord:
        """The same record again. ValueError, which names the place, where the JSON is not one.

        Anybody may have written it who may write to a team's bucket: what goes into an ssh configuration or to a
        shell is checked as if it came from the command line.
        """
        if not isinstance(data, Mapping):
            raise ValueError("it holds no JSON object")
        data = upgraded(data)
        if data.get("schema") != SCHEMA_VERSION:
            raise ValueError(
                f"it is not of schema {SCHEMA_VERSION}, which this hpcctl reads; is it a newer one's?"
            )
        record = decode(cls, {name: value for name, value in data.items() if name != "schema"})
        problem = next(_problems(record), None)
        if problem:
            raise ValueError(problem)
        return record


_IDS = re.compile(r"(?:i|vol)-[0-9a-z]+")


def _problems(record: ClusterRecord) -> Iterator[str]:
    """Why the record's words must not go any further."""
    yield from (problem.what for problem in _of_people(record.spec))
    yield from problems_with_words(record.spec)
    yield from _of_times(record)
    if not re.fullmatch(r"[0-9a-z]+", record.cluster_id):
        yield f"cluster_id cannot be {record.cluster_id!r}"
    if record.inventory:
        yield from _of_machines(record.inventory)


def _of_times(record: ClusterRecord) -> Iterator[str]:
    ends = (end for one in record.usage for end in (one.since, one.until))
    for moment in filter(None, (record.created, record.expires, *ends)):
        if not _is_moment(moment):
            yield f"{moment!r} is not a time"


def _of_machines(inventory: Inventory) -> Iterator[str]:
    for host in inventory.hosts:
        if not is_node_name(host.name):
            yield f"{host.name!r} cannot be the name of a node"
        for address in filter(None, (host.private_ip, host.public_ip)):
            if not _is_address(address):
                yield f"{address!r} is not an address"
    for resource in (
        *(host.instance_id for host in inventory.hosts),
        *(volume.volume_id for volume in inventory.volumes),
    ):
        if resource and not _IDS.fullmatch(resource):
            yield f"{resource!r} is not the id of an instance or a volume"


def _of_people(spec: ClusterSpec) -> Iterator[Problem]:
    """Names, and keys of others."""
    yield from problems_with_name(spec.name)
    yield from problems_with_user(spec.user)
    if spec.class_name:
        yield from problems_with_name(spec.class_name)
    for one in spec.authorized:
        yield from problems_with(one)


def _is_moment(text: str) -> bool:
    """A time with its zone: what has none cannot be compared with now."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True
