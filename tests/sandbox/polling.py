"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from tests.patience import PATIENCE


def until(condition: Callable[[], Any], *, what: str, seconds: float = PATIENCE) -> Any:
    """The first true value of ``condition``; fails when it never becomes true."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.02)
    return value


def instance(ec2: Any, instance_id: str) -> dict[str, Any]:
    """What DescribeInstances says of one instance."""
    reservations = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"]
    return dict(reservations[0]["Instances"][0])


def reach(ec2: Any, ids: Iterable[str], state: str) -> list[dict[str, Any]]:
    """All instances, once they are in ``state``."""

    def all_there() -> list[dict[str, Any]]:
        found = [instance(ec2, each) for each in ids]
        return found if all(each["State"]["Name"] == state for each in found) else []

    return list(until(all_there, what=f"{list(ids)} are {state}"))
