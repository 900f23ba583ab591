"""The states of an instance, as DescribeInstances shows them."""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow
from moto.ec2.models.instances import InstanceState, StateReason

_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
BY_USER = StateReason("Client.UserInitiatedShutdown: User initiated shutdown", "Client.UserInitiatedShutdown")
BY_ITSELF = StateReason(
    "Client.InstanceInitiatedShutdown: Instance initiated shutdown", "Client.InstanceInitiatedShutdown"
)
BY_SPOT = StateReason(
    "Server.SpotInstanceTermination: Spot instance termination", "Server.SpotInstanceTermination"
)
"""AWS needs the capacity itself."""


def set_state(instance: Any, state: str) -> None:
    """Put ``instance`` (moto's record) into ``state``; the fleet's lock is held."""
    instance._state = InstanceState(state, _CODES[state])
    if state in ("pending", "running"):
        instance._reason, instance.state_reason = "", StateReason()
    elif state in ("stopping", "shutting-down"):
        instance._reason = f"User initiated ({utcnow():%Y-%m-%d %H:%M:%S} GMT)"
        instance.state_reason = BY_USER


def failed(why: str) -> StateReason:
    """A machine could not be started."""
    return StateReason(f"Server.InternalError: {why}", "Server.InternalError")
