"""Ends that nobody who uses the API has asked for: the plug is pulled, or AWS takes a spot instance back."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from hpcctl.sandbox.api.spot import closed, is_spot
from hpcctl.sandbox.api.states import BY_SPOT
from hpcctl.sandbox.faults import Fault, FaultKind

if TYPE_CHECKING:
    from hpcctl.sandbox.api.fleet import Fleet


def kill(fleet: Fleet, instance_id: str) -> bool:
    """Pull the plug of a running machine. False if there is no such instance."""
    if fleet.instance(instance_id) is None:
        return False
    fleet.machines.stop(instance_id, force=True)
    fleet.exited(instance_id)
    return True


def interrupt(fleet: Fleet, instance_id: str) -> bool:
    """AWS needs the capacity itself. False if there is no such spot instance that runs."""
    instance = fleet.instance(instance_id)
    with fleet.lock:
        if instance is None or not is_spot(instance) or instance.state not in ("pending", "running"):
            return False
        closed(instance, by_aws=True)
        fleet.terminate(instance)
        instance.state_reason, instance._reason = BY_SPOT, BY_SPOT.code
    return True


def doom(fleet: Fleet, instance_id: str, fault: Fault | None) -> None:
    """Let the fault, if there is one, happen in its time."""
    if fault is None:
        return
    end = interrupt if fault.kind is FaultKind.INTERRUPTED else kill
    timer = threading.Timer(fault.seconds, end, (fleet, instance_id))
    timer.daemon = True
    timer.start()
