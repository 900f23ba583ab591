"""An AWS that slows the caller down, or does not know yet what it has made: everything takes longer, and ends well."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcctl import sandbox
from hpcctl.absent import absences_of
from hpcctl.aws import instances, power, resources_of, session
from hpcctl.lifecycle.mending import confirmed_absences
from hpcctl.lifecycle.terminating import terminate
from hpcctl.sandbox.client import SandboxClient
from hpcctl.sandbox.faults import Fault, FaultKind
from tests.sandbox.unmanned import context, create_until_ssh

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform]


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own pauses between two attempts; Terraform's stay as they are."""
    monkeypatch.setattr(session, "MOST_SECONDS", 0.1)


def _throttle(control: SandboxClient, *actions: str, times: int = 20) -> None:
    for action in actions:
        control.add_fault(Fault(kind=FaultKind.THROTTLE, action=action, times=times))


def _lag(control: SandboxClient, *actions: str, times: int) -> None:
    for action in actions:
        control.add_fault(Fault(kind=FaultKind.NOT_YET, action=action, times=times))


@pytest.mark.fault(
    "20 answers of RequestLimitExceeded", "any question", "asked again with back-off, answered"
)
def test_questions_are_asked_again(sandbox_home: Path, control: SandboxClient) -> None:
    _throttle(control, "DescribeInstances")
    assert instances(sandbox.cloud(sandbox_home), "slow") == ()
    assert control.faults() == ()


@pytest.mark.fault(
    "20 answers of RequestLimitExceeded",
    "create, stop, start and terminate",
    "all take longer, and finish",
)
@pytest.mark.fault(
    "eventual consistency", "create, mend and terminate", "what is not found yet is asked for again"
)
def test_a_cluster_is_made_and_goes_all_the_same(sandbox_home: Path, control: SandboxClient) -> None:
    _throttle(control, "RunInstances", "DescribeInstances")
    _lag(control, "DescribeInstances", times=6)
    _lag(control, "DescribeSecurityGroups", "DescribeKeyPairs", times=1)
    record, _ = create_until_ssh(sandbox_home, "slow", nodes=4)
    assert record.inventory and len(record.inventory.hosts) == 4
    control.clear_faults()

    _lag(control, "DescribeInstances", "DescribeSecurityGroups", times=1)
    assert confirmed_absences(record) == ()
    assert absences_of(record) == ()

    _throttle(control, "StopInstances", "StartInstances")
    power.stop(record.cloud, record.cluster_id, told=str)
    present = power.start(record.cloud, record.cluster_id, told=str)
    assert [one.state for one in present] == ["running"] * 4

    _throttle(control, "TerminateInstances", "DescribeInstances", times=10)
    terminate("slow", context=context(sandbox_home))
    assert resources_of(record.cloud, record.cluster_id) == ()
