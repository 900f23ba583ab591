"""What was asked of the local AWS, counted: who called which action of which service how often."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any


class Agent(str, Enum):
    """Who calls."""

    HPCCTL = "hpcctl"
    TERRAFORM = "terraform"
    NODE = "node"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One kind of call and how often it came, named as IAM does: service ``ec2``, action ``RunInstances``."""

    service: str
    action: str
    agent: Agent
    count: int

    @property
    def permission(self) -> str:
        """As a policy names it: ``ec2:RunInstances``."""
        return f"{self.service}:{self.action}"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**asdict(self), "agent": self.agent.value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Call:
        """Back from the control API's answer."""
        return cls(**{**data, "agent": Agent(data["agent"])})


class CallBook:
    """All calls since the last ``clear``; safe to use from many threads."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, Agent]] = Counter()
        self._lock = threading.Lock()

    def add(self, service: str, action: str, agent: Agent) -> None:
        """One more."""
        with self._lock:
            self._counts[service, action, agent] += 1

    def clear(self) -> None:
        """Count from nothing."""
        with self._lock:
            self._counts.clear()

    def calls(self) -> tuple[Call, ...]:
        """What came, in the order of the names."""
        with self._lock:
            counted = sorted(self._counts.items())
        return tuple(
            Call(service=service, action=action, agent=agent, count=count)
            for (service, action, agent), count in counted
        )
