"""Faults on demand: what the local AWS is asked to get wrong, and how often."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import Enum
from typing import Any

from hpcctl.errors import SandboxError


class FaultKind(str, Enum):
    """What goes wrong."""

    CAPACITY = "capacity"
    """RunInstances and StartInstances answer InsufficientInstanceCapacity (``zone``, ``instance_type``, ``node``)."""

    NO_SPOT = "no-spot"
    """RunInstances for spot instances answers InsufficientInstanceCapacity (``zone``, ``instance_type``, ``node``)."""

    THROTTLE = "throttle"
    """The EC2 API answers RequestLimitExceeded (``action``, for instance ``RunInstances``; ``agent``)."""

    NOT_YET = "not-yet"
    """The EC2 API does not find what it has (``action``, such as ``DescribeInstances``; ``agent``)."""

    HOLD = "hold"
    """A call of any service is answered when the faults are cleared, and not before (``action``, ``agent``)."""

    NEVER_BOOTS = "never-boots"
    """The instance is reported as running and no machine is behind it (``zone``, ``instance_type``, ``node``)."""

    NO_NETWORK = "no-network"
    """The machine boots, and its cards lead nowhere (``zone``, ``instance_type``, ``node``)."""

    DIES = "dies"
    """The plug is pulled ``seconds`` after the machine began to run (``zone``, ``instance_type``, ``node``)."""

    INTERRUPTED = "interrupted"
    """A spot instance is taken back ``seconds`` after it began to run (``zone``, ``instance_type``, ``node``)."""

    FAILS_TO_START = "fails-to-start"
    """The instance goes from pending to terminated, Server.InternalError (``zone``, ``instance_type``, ``node``)."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault: its next ``times`` matches fail. An empty condition matches everything.

    ``node`` is the instance's tag ``hpcctl:node``, ``agent`` who calls, as ``Agent`` names it; ``seconds`` is no
    condition, but how soon a machine ``dies`` or is ``interrupted``.
    """

    kind: FaultKind
    times: int = 1
    zone: str = ""
    instance_type: str = ""
    node: str = ""
    action: str = ""
    agent: str = ""
    seconds: float = 0.0

    def matches(self, other: Fault) -> bool:
        """Whether this fault, as a pattern, covers what is happening now."""
        wanted = (
            (self.zone, other.zone),
            (self.instance_type, other.instance_type),
            (self.node, other.node),
            (self.action, other.action),
            (self.agent, other.agent),
        )
        return self.kind is other.kind and all(mine in ("", its) for mine, its in wanted)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Fault:
        """From the control API. Raises SandboxError on a field or a kind that does not exist."""
        try:
            numbers = {"times": int(data.get("times", 1)), "seconds": float(data.get("seconds", 0))}
            return cls(**{**data, **numbers, "kind": FaultKind(data["kind"])})
        except (KeyError, TypeError, ValueError) as error:
            kinds = ", ".join(kind.value for kind in FaultKind)
            hint = f"kinds: {kinds}; conditions: zone, instance_type, node, action, agent; times; seconds"
            raise SandboxError(f"not a fault: {error}", hint=hint) from error

    def to_json(self) -> dict[str, Any]:
        """The same fields as ``from_json`` takes."""
        return {**asdict(self), "kind": self.kind.value}


class FaultBook:
    """The faults that are still to happen; safe to use from many threads."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Condition()
        self._held: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let it happen from now on."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Nothing fails on purpose any more, and what was held goes on."""
        with self._lock:
            self._faults.clear()
            self._held.clear()
            self._lock.notify_all()

    def hold(self, event: Fault) -> None:
        """Wait for the next ``clear``, if a fault says that ``event`` is to be held."""
        if self.take(event) is None:
            return
        with self._lock:
            self._held.append(event)
            self._lock.wait_for(lambda: all(one is not event for one in self._held))

    def held(self) -> tuple[Fault, ...]:
        """What waits now."""
        with self._lock:
            return tuple(self._held)

    def pending(self) -> tuple[Fault, ...]:
        """What is still to happen."""
        with self._lock:
            return tuple(self._faults)

    def happens(self, event: Fault) -> bool:
        """Whether ``event`` (kind and circumstances) is to fail now; uses up one of the fault's times."""
        return self.take(event) is not None

    def take(self, event: Fault) -> Fault | None:
        """The fault that ``event`` is to meet now, if any; uses up one of its times."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if fault.matches(event):
                    self._use(index, fault)
                    return fault
        return None

    def _use(self, index: int, fault: Fault) -> None:
        if fault.times > 1:
            self._faults[index] = replace(fault, times=fault.times - 1)
        else:
            del self._faults[index]
