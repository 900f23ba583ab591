"""Stop and start against the API: what is asked, what is written down, what it costs. The machines are records."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpcctl import sandbox
from hpcctl.aws import InstanceState, instances_of, power
from hpcctl.aws.items import idle_address, volume
from hpcctl.aws.prices import price
from hpcctl.errors import CloudError, HostsFailed, StateError, UsageError
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.requiring import require_running
from hpcctl.lifecycle.restarting import chosen_nodes
from hpcctl.lifecycle.starting import start
from hpcctl.lifecycle.stopping import stop
from hpcctl.overview import status_of
from hpcctl.sandbox.client import SandboxClient
from hpcctl.sandbox.faults import Fault, FaultKind
from hpcctl.spec.model import Cloud
from hpcctl.state import Phase
from hpcctl.workspace import Workspace
from tests.sandbox.polling import reach
from tests.sandbox.quiet import Silent
from tests.sandbox.standing import NODES, login_keys, standing

pytestmark = pytest.mark.sandbox


@pytest.fixture
def cloud(sandbox_home: Path) -> Cloud:
    return sandbox.cloud(sandbox_home)


@pytest.fixture
def demo(ec2: Any, cloud: Cloud, tmp_path: Path) -> Iterator[Workspace]:
    """A cluster of three that runs, as `create` would have left it."""
    with standing(ec2, cloud, tmp_path) as workspace:
        yield workspace


@pytest.fixture
def context(demo: Workspace) -> Context:
    return Context(home=demo.home, progress=Silent())


def present(workspace: Workspace) -> tuple[InstanceState, ...]:
    record = workspace.load()
    return instances_of(record.cloud, record.cluster_id)


def test_stop_stops_all_and_says_what_still_costs_money(demo: Workspace, context: Context) -> None:
    stopped = stop("demo", context=context, force=True)
    assert not stopped.already
    assert {one.state for one in present(demo)} == {"stopped"}
    assert [(item.what, item.amount) for item in stopped.costs.items] == [
        ("/share", "50 GB gp3"),
        ("the nodes' disks", "60 GB gp3 (3 volumes)"),
    ]
    assert stopped.costs.usd == pytest.approx(110 * 0.08)
    assert stopped.costs.day
    record = demo.load()
    assert record.phase is Phase.STOPPED
    assert record.inventory
    assert [host.public_ip for host in record.inventory.hosts] == [None, None, None]
    assert status_of(demo.home, "demo").state == "stopped"
    assert stop("demo", context=context).already


def test_an_elastic_address_costs_money_all_the_same(demo: Workspace, context: Context, ec2: Any) -> None:
    record = demo.load()
    assert record.inventory
    made = ec2.allocate_address(Domain="vpc")
    ec2.associate_address(AllocationId=made["AllocationId"], InstanceId=record.inventory.head.instance_id)
    try:
        costs = stop("demo", context=context, force=True).costs
        assert costs.items[-1].what == f"Elastic IP {made['PublicIp']}"
        assert costs.items[-1].usd == pytest.approx(730 * 0.005)
    finally:
        ec2.release_address(AllocationId=made["AllocationId"])


@pytest.mark.fault("a node does not answer", "stop: leaving", "a warning, and it is stopped all the same")
def test_nodes_that_do_not_answer_are_stopped_all_the_same(
    demo: Workspace, context: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("hpcctl.lifecycle.leaving.HEAD_SECONDS", 1)
    login_keys(demo)
    stop("demo", context=context)
    assert {one.state for one in present(demo)} == {"stopped"}
    assert [line.split()[0] for line in context.progress.warnings[1:]] == list(NODES)  # type: ignore[attr-defined]


@pytest.mark.fault(
    "no capacity", "start: StartInstances", "it stays stopped, and the same start is good later"
)
def test_a_zone_without_room_leaves_the_cluster_stopped(
    demo: Workspace, context: Context, control: SandboxClient
) -> None:
    stop("demo", context=context, force=True)
    control.add_fault(Fault(kind=FaultKind.CAPACITY, times=1000))
    with pytest.raises(CloudError, match="no room") as caught:
        start("demo", context=context)
    assert "nothing is lost" in caught.value.hint
    assert demo.load().phase is Phase.STOPPED
    assert {one.state for one in present(demo)} == {"stopped"}


@pytest.mark.fault("an instance does not start", "start", "it is named, and the same start is good")
def test_an_instance_that_does_not_start_is_named(
    demo: Workspace, context: Context, control: SandboxClient, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(power, "CONSISTENT_SECONDS", 1)
    stop("demo", context=context, force=True)
    control.add_fault(Fault(kind=FaultKind.FAILS_TO_START, times=1))
    with pytest.raises(CloudError, match="could not start"):
        start("demo", context=context)
    assert demo.load().phase is Phase.STARTING
    assert status_of(demo.home, "demo").state == "half started"
    again = power.start(cloud, demo.load().cluster_id, told=lambda _: None)
    assert {one.state for one in again} == {"running"}
    stop("demo", context=context, force=True)


@pytest.mark.fault(
    "a stop was killed", "stop: half of the nodes are stopped", "start and stop go on from there"
)
def test_a_half_stopped_cluster_is_told_and_can_go_on(
    demo: Workspace, context: Context, ec2: Any, cloud: Cloud
) -> None:
    record = demo.load()
    demo.save(replace(record, phase=Phase.STOPPING))
    ec2.stop_instances(InstanceIds=[record.inventory.hosts[1].instance_id])  # type: ignore[union-attr]
    assert status_of(demo.home, "demo").state == "half stopped"
    with pytest.raises(StateError, match="half stopped"):
        require_running(demo.load())
    back = power.start(cloud, record.cluster_id, told=lambda _: None)
    assert {one.state for one in back} == {"running"}
    stop("demo", context=context, force=True)
    assert status_of(demo.home, "demo").state == "stopped"
    with pytest.raises(StateError, match="is stopped"):
        require_running(demo.load())


def test_a_start_of_a_running_cluster_does_nothing(demo: Workspace, context: Context) -> None:
    started = start("demo", context=context)
    assert started.already
    assert demo.load().phase is Phase.READY


@pytest.mark.fault("a node was stopped by hand", "show, check", "it is named with its state")
def test_a_node_that_was_stopped_by_hand_is_named(demo: Workspace, ec2: Any) -> None:
    inventory = demo.load().inventory
    assert inventory
    ec2.stop_instances(InstanceIds=[inventory.hosts[1].instance_id])
    reach(ec2, [inventory.hosts[1].instance_id], "stopped")
    assert status_of(demo.home, "demo").state == "2 of 3 running"
    with pytest.raises(HostsFailed) as caught:
        require_running(demo.load())
    assert [(one.host, one.output) for one in caught.value.failures] == [("node001", "it is stopped")]
    assert "hpcctl start demo" in caught.value.hint


def test_the_number_of_calls_does_not_grow_with_the_nodes(
    demo: Workspace, context: Context, calls: Callable[[], list[str]]
) -> None:
    stop("demo", context=context, force=True)
    made = [call for call in calls() if call != "DescribeInstances"]
    assert sorted(made) == sorted(
        [
            "StopInstances",
            "DescribeVolumes",
            "DescribeAddresses",
            *["GetProducts"] * made.count("GetProducts"),
        ]
    )


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """The names of all API calls that were made, by boto3's own hook."""
    from botocore.client import BaseClient

    made: list[str] = []
    original: Any = BaseClient._make_api_call  # type: ignore[attr-defined]

    def recorded(self: Any, name: str, arguments: Any) -> Any:
        made.append(name)
        return original(self, name, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", recorded)
    return lambda: made


def test_prices_are_kept_for_the_day(cloud: Cloud, tmp_path: Path, calls: Callable[[], list[str]]) -> None:
    first = price(cloud, volume("gp3"), home=tmp_path)
    assert first
    assert (first.usd, first.unit) == (0.08, "GB-Mo")
    assert price(cloud, volume("gp3"), home=tmp_path) == first
    assert calls().count("GetProducts") == 1
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_text(json.dumps({"usd": 1.0, "unit": "GB-Mo", "day": "2020-01-01"}))
    assert price(cloud, volume("gp3"), home=tmp_path) == first


def test_a_price_that_nobody_tells_is_not_guessed(cloud: Cloud, tmp_path: Path) -> None:
    assert price(cloud, volume("gp99"), home=tmp_path) is None
    assert price(replace(cloud, region="ap-south-1"), idle_address(), home=tmp_path) is None
    gone = replace(cloud, endpoint_url="http://127.0.0.1:1")
    assert price(gone, volume("gp3"), home=tmp_path) is None


def test_nodes_are_chosen_by_either_name(demo: Workspace) -> None:
    record = demo.load()
    assert chosen_nodes(record, ()) == NODES
    assert chosen_nodes(record, ("node002", "demo-head", "head")) == ("head", "node002")
    with pytest.raises(UsageError, match="no node 'node01'") as caught:
        chosen_nodes(record, ("node01",))
    assert "did you mean node001" in caught.value.hint
