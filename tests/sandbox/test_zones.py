"""No capacity: the whole cluster in the next zone, or nowhere and nothing left of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpcctl.aws import resources_of
from hpcctl.errors import CloudError
from hpcctl.sandbox.client import SandboxClient
from hpcctl.sandbox.faults import Fault, FaultKind
from hpcctl.state import Attempt, Phase
from hpcctl.workspace import Workspace
from tests.sandbox.unmanned import create_until_ssh

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform]
FULL = "no capacity (InsufficientInstanceCapacity)"


def _zones(ec2: Any, cluster_id: str) -> set[str]:
    pages = ec2.describe_instances(
        Filters=[
            {"Name": "tag:hpcctl:id", "Values": [cluster_id]},
            {"Name": "instance-state-name", "Values": ["pending", "running"]},
        ]
    )["Reservations"]
    return {one["Placement"]["AvailabilityZone"] for page in pages for one in page["Instances"]}


def _runs(control: SandboxClient) -> int:
    return sum(call.count for call in control.calls() if call.action == "RunInstances")


@pytest.mark.fault(
    "no capacity in the zone for one of the nodes",
    "create: Terraform runs",
    "all of it is made in the next zone",
)
@pytest.mark.fault(
    "no capacity in any zone",
    "create: Terraform runs",
    "everything is undone; what was tried is listed",
)
@pytest.mark.fault(
    "kill -9 of hpcctl",
    "create: between two zones",
    "the same create undoes the one and goes on in the other",
)
def test_a_cluster_moves_as_a_whole_until_no_zone_is_left(
    sandbox_home: Path, control: SandboxClient, ec2: Any
) -> None:
    control.add_fault(Fault(kind=FaultKind.CAPACITY, zone="us-east-1a", node="node001", times=1000))
    control.clear_calls()
    record, told = create_until_ssh(sandbox_home, "mover")
    assert record.facts and record.base
    assert (record.facts.zone, record.base.zone) == ("us-east-1b", "us-east-1b")
    assert record.tried == (Attempt(zone="us-east-1a", reason=FULL),)
    assert _zones(ec2, record.cluster_id) == {"us-east-1b"}
    assert any(text.startswith(f"us-east-1a: {FULL}") for text in told)
    assert "trying us-east-1b" in told
    assert _runs(control) <= 9  # the provider asks a full zone again, but not for most of an hour

    # As if it had been killed right after it had given up the next zones, all but the last.
    workspace = Workspace(home=sandbox_home, name="mover")
    given_up = tuple(Attempt(zone=f"us-east-1{letter}", reason=FULL) for letter in "abcde")
    workspace.save(replace(record, tried=given_up, inventory=None, phase=Phase.CREATING))
    control.add_fault(Fault(kind=FaultKind.CAPACITY, times=1000))
    with pytest.raises(CloudError) as caught:
        create_until_ssh(sandbox_home, "mover")
    for letter in "abcdef":
        assert f"us-east-1{letter}: {FULL}" in caught.value.message
    assert caught.value.hint.startswith("another type, fewer nodes")
    assert not workspace.path.exists()
    assert resources_of(record.cloud, record.cluster_id) == ()
