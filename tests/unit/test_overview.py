"""The state of a cluster in a word, and who is asked for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from hpcctl import aws
from hpcctl.aws import InstanceState
from hpcctl.errors import CredentialsError
from hpcctl.overview import overview, state_of, status_of
from hpcctl.spec.model import Cloud, Role
from hpcctl.state import Phase
from hpcctl.workspace import Workspace
from tests.unit.records import CLOUD, INVENTORY, RECORD, SPEC


def instance(
    node: str, state: str = "running", cluster: str = "demo", public_ip: str | None = "127.9.9.9"
) -> InstanceState:
    return InstanceState(
        instance_id=f"i-{node}",
        name=f"{cluster}-{node}",
        cluster=cluster,
        cluster_id="0a1b2c3d" if cluster == "demo" else cluster,
        node=node,
        role=Role.HEAD if node == "head" else Role.COMPUTE,
        state=state,
        instance_type="c5.xlarge",
        zone="us-east-1a",
        private_ip="10.0.0.10",
        public_ip=public_ip,
        launch_time=datetime(2026, 1, 1, tzinfo=timezone.utc),
        volumes=(),
        share_volume=None,
        owner="me",
    )


@pytest.mark.parametrize(
    ("phase", "states", "busy", "expected"),
    [
        (Phase.READY, ["running", "running"], None, "running"),
        (Phase.DEGRADED, ["running", "running"], None, "degraded"),
        (Phase.READY, ["stopped", "stopped"], None, "stopped"),
        (Phase.READY, ["running", "stopped"], None, "1 of 2 running"),
        (Phase.READY, ["running"], None, "1 of 2 running"),
        (Phase.READY, ["stopped"], None, "0 of 2 running"),
        (Phase.READY, [], None, "gone"),
        (Phase.CREATING, [], "create", "creating"),
        (Phase.CREATING, ["running", "running"], None, "unfinished"),
        (Phase.TERMINATING, ["running"], "terminate", "terminating"),
        (Phase.TERMINATING, ["running"], None, "half terminated"),
        (Phase.READY, ["running", "running"], "check", "running"),
        (Phase.READY, ["running", "running"], "restart", "restarting"),
        (Phase.STOPPING, ["running", "running"], "stop", "stopping"),
        (Phase.STOPPING, ["stopping", "running"], None, "half stopped"),
        (Phase.STOPPING, ["stopped", "stopped"], None, "stopped"),
        (Phase.STOPPED, ["stopped", "stopped"], None, "stopped"),
        (Phase.STOPPED, ["stopped"], None, "0 of 2 running"),
        (Phase.STOPPED, ["running", "running"], None, "half started"),
        (Phase.STOPPED, [], None, "gone"),
        (Phase.STARTING, ["pending", "stopped"], "start", "starting"),
        (Phase.STARTING, ["running", "running"], None, "half started"),
        (Phase.STARTING, ["stopped", "stopped"], None, "stopped"),
        (Phase.CREATING, ["stopped", "stopped"], None, "unfinished"),
    ],
)
def test_the_state_is_a_word_or_two(phase: Phase, states: list[str], busy: str | None, expected: str) -> None:
    present = [instance(f"node{number}", state) for number, state in enumerate(states)]
    assert state_of(replace(RECORD, phase=phase), present, busy_with=busy) == expected


@pytest.fixture(autouse=True)
def nothing_but_instances(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cloud has none of what else belongs to a cluster."""
    monkeypatch.setattr(aws, "resources_of", lambda cloud, cluster_id: ())


def test_what_was_removed_by_hand_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {kind: aws.Resource(kind=kind, id=kind.value) for kind in aws.ResourceKind}
    head = replace(
        kinds[aws.ResourceKind.INSTANCE], node="head", volumes=("vol-0", INVENTORY.share_volume_id)
    )
    there = [head, kinds[aws.ResourceKind.SECURITY_GROUP], kinds[aws.ResourceKind.PLACEMENT_GROUP]]
    monkeypatch.setattr(aws, "instances", lambda *_: (instance("head"),))
    monkeypatch.setattr(aws, "resources_of", lambda cloud, cluster_id: tuple(there))
    Workspace(home=tmp_path, name="demo").save(RECORD)
    assert status_of(tmp_path, "demo").missing == ("node001", "the key pair")
    there[0] = replace(head, volumes=("vol-0",))
    assert "the volume of /share" in status_of(tmp_path, "demo").missing
    Workspace(home=tmp_path, name="demo").save(replace(RECORD, phase=Phase.TERMINATING))
    assert status_of(tmp_path, "demo").missing == ()


def test_each_cloud_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    other = replace(CLOUD, profile="other", region="eu-west-1")

    def instances(cloud: Cloud, cluster: str | None = None) -> Any:
        asked.append(f"{cloud.profile} {cluster}")
        if cloud == other:
            raise CredentialsError("expired")
        return (instance("head"), instance("node001"), instance("head", cluster="wing"))

    monkeypatch.setattr(aws, "instances", instances)
    for name, cloud in (("demo", CLOUD), ("wing", CLOUD), ("far", other)):
        cluster_id = RECORD.cluster_id if name == "demo" else name
        record = replace(RECORD, spec=replace(SPEC, name=name), cloud=cloud, cluster_id=cluster_id)
        Workspace(home=tmp_path, name=name).save(record)
    states = {status.name: status.state for status in overview(tmp_path)}
    assert states == {"demo": "running", "wing": "1 of 2 running", "far": "no credentials"}
    assert sorted(asked) == ["lab None", "other None"]
    assert status_of(tmp_path, "demo").state == "running"
    assert asked[-1] == "lab demo"


def test_somebody_else_s_cluster_of_the_same_name_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = replace(instance("head"), cluster_id="ffffffff")
    monkeypatch.setattr(aws, "instances", lambda *_: (theirs,))
    Workspace(home=tmp_path, name="demo").save(RECORD)
    assert status_of(tmp_path, "demo").state == "gone"


def test_a_cluster_that_is_being_made_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "instances", lambda *_: ())
    workspace = Workspace(home=tmp_path, name="demo")
    workspace.save(replace(RECORD, phase=Phase.CREATING, inventory=None))
    with workspace.lock("create"):
        assert status_of(tmp_path, "demo").state == "creating"
    assert status_of(tmp_path, "demo").state == "unfinished"


def test_the_age_counts_from_the_creation() -> None:
    status = replace_status()
    now = datetime(2026, 1, 2, 3, 5, 5, tzinfo=timezone.utc)
    assert status.age_seconds(now) == 60


def replace_status() -> Any:
    from hpcctl.overview import ClusterStatus
    from hpcctl.workspace import Entry

    workspace = Workspace(home=Path("/nowhere"), name="demo")
    return ClusterStatus(entry=Entry(workspace=workspace, record=RECORD), state="running")
