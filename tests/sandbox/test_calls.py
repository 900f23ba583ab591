"""What verbs ask of the API does not grow with the nodes: the same calls for 4 and for 30."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hpcctl import sandbox
from hpcctl.aws import instances_of, power, resources_of
from hpcctl.cli.main import run
from hpcctl.inventory import Host
from hpcctl.sandbox.calls import Agent
from hpcctl.sandbox.client import SandboxClient
from hpcctl.spec.nodes import expand
from hpcctl.state import ClusterRecord
from hpcctl.workspace import Workspace
from tests.sandbox.polling import reach
from tests.specs import sized
from tests.unit.records import RECORD, SPEC

pytestmark = pytest.mark.sandbox

IMAGE = "ami-0deb1a12000000001"
SIZES = (4, 30)
Made = Callable[[int], ClusterRecord]


@pytest.fixture
def made(ec2: Any, sandbox_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """A running cluster of that many nodes, as `create` would have left it."""
    ids: list[str] = []
    monkeypatch.setenv("HPCCTL_HOME", str(tmp_path))

    def make(nodes: int) -> ClusterRecord:
        names = [node.name for node in expand(sized(SPEC, nodes))]
        launched = ec2.run_instances(ImageId=IMAGE, InstanceType="c5.large", MinCount=nodes, MaxCount=nodes)
        mine = [instance["InstanceId"] for instance in launched["Instances"]]
        ids.extend(mine)
        cluster_id = f"{nodes:08x}"
        for name, instance_id in zip(names, mine, strict=True):
            values = {"cluster": "demo", "id": cluster_id, "node": name, "role": "compute"}
            tags = [{"Key": f"hpcctl:{key}", "Value": value} for key, value in values.items()]
            ec2.create_tags(Resources=[instance_id], Tags=tags)
        reach(ec2, mine, "running")
        record = _record(nodes, cluster_id, dict(zip(names, mine, strict=True)), sandbox_home)
        Workspace(home=tmp_path, name="demo").save(record)
        return record

    yield make
    ec2.terminate_instances(InstanceIds=ids)


def _record(nodes: int, cluster_id: str, ids: dict[str, str], home: Path) -> ClusterRecord:
    hosts = tuple(
        Host(
            name=node.name,
            role=node.role,
            group=node.group,
            instance_id=ids[node.name],
            private_ip="10.0.0.1",
            public_ip="127.0.0.1",
        )
        for node in expand(sized(SPEC, nodes))
    )
    return replace(
        RECORD,
        spec=sized(SPEC, nodes),
        cloud=sandbox.cloud(home),
        cluster_id=cluster_id,
        inventory=replace(RECORD.inventory, hosts=hosts),
    )


def _calls(control: SandboxClient, act: Callable[[], object]) -> dict[str, int]:
    """What hpcctl asks while it acts."""
    control.clear_calls()
    act()
    return {call.permission: call.count for call in control.calls() if call.agent is Agent.HPCCTL}


@pytest.mark.parametrize("words", [["show", "demo"], ["list"], ["update-ssh"]], ids=lambda words: words[0])
def test_a_look_asks_as_much_for_30_nodes_as_for_4(
    made: Made, control: SandboxClient, words: list[str]
) -> None:
    few, many = (_looked(made(size), control, words) for size in SIZES)
    assert few == many
    assert 0 < sum(few.values()) <= 10


def test_machines_are_stopped_started_and_ended_in_one_call_each(made: Made, control: SandboxClient) -> None:
    for size in SIZES:
        record = made(size)
        stopped = _calls(control, lambda: run(["stop", "--force", "demo"]))
        assert stopped["ec2:StopInstances"] == 1
        started = _calls(control, partial(_start, record))
        assert _besides_waiting(started) == {"ec2:StartInstances": 1}
        ended = _calls(control, partial(_end, record))
        assert _besides_waiting(ended) == {"ec2:TerminateInstances": 1}
        assert instances_of(record.cloud, record.cluster_id) == ()
        assert resources_of(record.cloud, record.cluster_id) == ()


def _looked(record: ClusterRecord, control: SandboxClient, words: list[str]) -> dict[str, int]:
    assert len(instances_of(record.cloud, record.cluster_id)) == record.spec.nodes
    return _calls(control, partial(run, words))


def _start(record: ClusterRecord) -> None:
    assert len(power.start(record.cloud, record.cluster_id, told=lambda _: None)) == record.spec.nodes


def _end(record: ClusterRecord) -> None:
    power.terminate(record.cloud, record.cluster_id, told=lambda _: None)


def _besides_waiting(calls: dict[str, int]) -> dict[str, int]:
    """How often one looks whether it is done depends on how long it takes."""
    return {name: count for name, count in calls.items() if name != "ec2:DescribeInstances"}
