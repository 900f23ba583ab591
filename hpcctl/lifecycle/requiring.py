"""What a verb needs of a cluster before it begins, and the word to the person where that is not so."""

from __future__ import annotations

from hpcctl.aws import InstanceState, instances_of
from hpcctl.errors import HostFailure, HostsFailed, StateError
from hpcctl.state import ClusterRecord, Phase


def require_made(record: ClusterRecord) -> None:
    """StateError for a cluster that has no machines yet, or is being taken away."""
    name = record.spec.name
    if record.phase is Phase.TERMINATING:
        raise StateError(f"{name} is half terminated", hint=f"finish it: hpcctl terminate {name}")
    if record.phase is Phase.CREATING or record.inventory is None:
        raise StateError(
            f"{name} is unfinished",
            hint=f"the same `hpcctl create` finishes it, `hpcctl terminate {name}` takes it away",
        )


def require_started(record: ClusterRecord) -> None:
    """StateError for a cluster that was stopped, or is neither stopped nor started."""
    name = record.spec.name
    if record.phase is Phase.STOPPED:
        raise StateError(f"{name} is stopped", hint=f"hpcctl start {name}")
    if record.phase in {Phase.STOPPING, Phase.STARTING}:
        half = "stopped" if record.phase is Phase.STOPPING else "started"
        raise StateError(
            f"{name} is half {half}",
            hint=f"hpcctl start {name} goes on from there, hpcctl stop {name} as well",
        )


def require_running(record: ClusterRecord) -> None:
    """HostsFailed at once, with the state of each, where the cloud says that nodes do not run."""
    require_started(record)
    present = instances_of(record.cloud, record.cluster_id)
    states = {one.node: one.state for one in present}
    hosts = record.inventory.hosts if record.inventory else ()
    failures = [
        HostFailure(host=host.name, step="instance", output=f"it is {states.get(host.name, 'gone')}")
        for host in hosts
        if states.get(host.name) != "running"
    ]
    if failures:
        raise HostsFailed(failures, hint=_way_out(record.spec.name, states))


def missing(record: ClusterRecord, present: tuple[InstanceState, ...]) -> tuple[str, ...]:
    """The nodes that have no instance any more."""
    there = {one.node for one in present}
    hosts = record.inventory.hosts if record.inventory else ()
    return tuple(host.name for host in hosts if host.name not in there)


def _way_out(name: str, states: dict[str, str]) -> str:
    if set(states.values()) & {"stopped", "stopping"}:
        return f"hpcctl start {name} starts what is stopped; hpcctl show {name} tells of the nodes"
    return f"hpcctl show {name}"
