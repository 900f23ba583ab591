"""What belongs to no cluster any more, removed by the API: there is no Terraform folder that knows of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from hpcctl.aws.session import ec2, explained
from hpcctl.aws.survey import Belonging, Kind
from hpcctl.errors import CloudError
from hpcctl.spec.model import Cloud

PATIENCE_SECONDS = 300
POLL_SECONDS = 1.0

_GONE = ("NotFound", "Unknown")
_HELD = ("DependencyViolation", "VolumeInUse", "InvalidPlacementGroup.InUse", "InvalidGroup.InUse")


def remove(cloud: Cloud, belongings: Sequence[Belonging], *, say: Callable[[str], None]) -> None:
    """Instances first, all in one call; then, when they are gone, what they held. Safe to repeat.

    Raises CloudError where something cannot be removed within five minutes.
    """
    ids = [one.id for one in belongings if one.kind is Kind.INSTANCE]
    deadline = time.monotonic() + PATIENCE_SECONDS
    if ids:
        say(f"terminating {len(ids)} instances")
        with explained(cloud, "terminate the instances"):
            ec2(cloud).terminate_instances(InstanceIds=ids)
        _await_end(cloud, ids, deadline)
    for kind in (kind for kind in Kind if kind is not Kind.INSTANCE):
        for one in belongings:
            if one.kind is kind:
                say(f"removing {kind.value} {one.id}")
                _remove_one(cloud, one, deadline)


def _await_end(cloud: Cloud, ids: Sequence[str], deadline: float) -> None:
    while True:
        with explained(cloud, "wait for the instances to end"):
            pages = ec2(cloud).get_paginator("describe_instances").paginate(InstanceIds=list(ids))
            states = {
                one["InstanceId"]: one["State"]["Name"]
                for page in pages
                for reservation in page["Reservations"]
                for one in reservation["Instances"]
            }
        alive = [id_ for id_, state in states.items() if state != "terminated"]
        if not alive:
            return
        _wait(deadline, f"still there: {', '.join(alive)}")


def _remove_one(cloud: Cloud, one: Belonging, deadline: float) -> None:
    """What is still held by something that ends is tried again; what is gone already is gone."""
    while True:
        try:
            with explained(cloud, f"remove the {one.kind.value} {one.id}"):
                _delete(cloud, one)
            return
        except CloudError as error:
            if _is(error, _GONE):
                return
            if not _is(error, _HELD):
                raise
            _wait(deadline, error.message)


def _delete(cloud: Cloud, one: Belonging) -> None:
    client = ec2(cloud)
    if one.kind is Kind.VOLUME:
        client.delete_volume(VolumeId=one.id)
    elif one.kind is Kind.SECURITY_GROUP:
        client.delete_security_group(GroupId=one.id)
    elif one.kind is Kind.KEY_PAIR:
        client.delete_key_pair(KeyName=one.id)
    elif one.kind is Kind.PLACEMENT_GROUP:
        client.delete_placement_group(GroupName=one.id)
    else:
        client.delete_launch_template(LaunchTemplateId=one.id)


def _is(error: CloudError, words: Iterable[str]) -> bool:
    return any(word in error.code for word in words)


def _wait(deadline: float, what: str) -> None:
    if time.monotonic() > deadline:
        raise CloudError(
            f"this takes too long; {what}", hint="the same command goes on where this one stopped"
        )
    time.sleep(POLL_SECONDS)
