"""Machines switched off and on again: one call for all of them, and a look at all of them until it is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from hpcctl.aws.session import ec2, explained
from hpcctl.aws.states import InstanceState, dying, instances_of
from hpcctl.errors import CloudError
from hpcctl.spec.model import Cloud, Role

POLL_SECONDS = 1.0
STOP_SECONDS = 900
"""A system that does not end by itself is cut off by EC2 after some minutes."""
START_SECONDS = 600
CONSISTENT_SECONDS = 10
"""So long an answer may still tell of the state before a call."""
NO_CAPACITY = ("InsufficientInstanceCapacity", "InsufficientHostCapacity")

Told = Callable[[str], None]
Present = tuple[InstanceState, ...]


def stop(cloud: Cloud, cluster_id: str, *, told: Told) -> Present:
    """Stop all instances of the cluster that run, in one call, and wait until none does.

    Those on spot capacity cannot be stopped: they are ended, in one call as well.
    """
    present = settled(cloud, cluster_id, told=told)
    spot = [one.instance_id for one in present if one.spot]
    if spot:
        with explained(cloud, "end the spot instances"):
            ec2(cloud).terminate_instances(InstanceIds=spot)
    staying = (one for one in _compute_first(present) if not one.spot)
    running = [one.instance_id for one in staying if one.state == "running"]
    if running:
        with explained(cloud, "stop the instances"):
            ec2(cloud).stop_instances(InstanceIds=running)
    return _wait(cloud, cluster_id, _all_stopped, seconds=STOP_SECONDS, told=told)


def start(cloud: Cloud, cluster_id: str, *, told: Told) -> Present:
    """Start all instances of the cluster that are stopped, in one call, and wait until all run.

    CloudError where AWS has no room for them now: then none of them was started.
    """
    present = settled(cloud, cluster_id, told=told)
    stopped = [one.instance_id for one in present if one.state == "stopped"]
    if stopped:
        try:
            with explained(cloud, "start the instances"):
                ec2(cloud).start_instances(InstanceIds=stopped)
        except CloudError as error:
            raise _no_room(error) from error
    return _wait(cloud, cluster_id, _started(frozenset(stopped)), seconds=START_SECONDS, told=told)


def terminate(cloud: Cloud, cluster_id: str, *, told: Told) -> None:
    """End all instances of the cluster for good, in one call, and wait until they hold nothing any more."""
    present = instances_of(cloud, cluster_id)
    if present:
        with explained(cloud, "terminate the instances"):
            ec2(cloud).terminate_instances(InstanceIds=[one.instance_id for one in present])

    def gone(present: Present) -> bool:
        return not present and not dying(cloud, cluster_id)

    _wait(cloud, cluster_id, gone, seconds=STOP_SECONDS, told=told)


def reboot(cloud: Cloud, ids: Sequence[str]) -> None:
    """Have the systems restart. The API shows them as running all the while."""
    with explained(cloud, "reboot the instances"):
        ec2(cloud).reboot_instances(InstanceIds=list(ids))


def settled(cloud: Cloud, cluster_id: str, *, told: Told) -> Present:
    """The instances, once none of them is on its way from one state to another."""

    def at_rest(present: Present) -> bool:
        return all(one.state in ("running", "stopped") for one in present)

    return _wait(cloud, cluster_id, at_rest, seconds=STOP_SECONDS, told=told)


def _wait(
    cloud: Cloud, cluster_id: str, reached: Callable[[Present], bool], *, seconds: float, told: Told
) -> Present:
    deadline = time.monotonic() + seconds
    while True:
        present = instances_of(cloud, cluster_id)
        if reached(present):
            return present
        told(", ".join(f"{one.node} {one.state}" for one in present[:6]) + (" …" if present[6:] else ""))
        if time.monotonic() > deadline:
            late = ", ".join(f"{one.node} is {one.state}" for one in present)
            raise CloudError(
                f"after {seconds:.0f} s: {late or 'not all instances have ended'}",
                hint="the same command waits again",
            )
        time.sleep(POLL_SECONDS)


def _all_stopped(present: Present) -> bool:
    return all(one.state == "stopped" for one in present)


def _started(asked: frozenset[str]) -> Callable[[Present], bool]:
    """All run. One that is stopped for longer than answers may be out of date has failed: CloudError."""
    believed = time.monotonic() + CONSISTENT_SECONDS

    def reached(present: Present) -> bool:
        failed = [one.node for one in present if one.state == "stopped"]
        if failed and time.monotonic() > believed:
            raise CloudError(
                f"AWS could not start {', '.join(failed)}",
                hint="repeat `hpcctl start`; the EC2 console gives the reason of the state change",
            )
        lost = asked - {one.instance_id for one in present}
        return not lost and all(one.state == "running" for one in present)

    return reached


def _compute_first(present: Present) -> Present:
    return tuple(sorted(present, key=lambda one: (one.role is Role.HEAD, one.node)))


def _no_room(error: CloudError) -> CloudError:
    if error.code not in NO_CAPACITY:
        return error
    return CloudError(
        f"the zone has no room for the machines now: {error.message}",
        hint="nothing was started and nothing is lost: repeat the same `hpcctl start` later",
        code=error.code,
    )
