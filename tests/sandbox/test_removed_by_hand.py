"""Nodes and what they need, removed behind our back: made again, or refused with the reason. One cluster for all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpcctl.absent import absences_of
from hpcctl.aws import host_key_tag, tag_host_key
from hpcctl.errors import PlanRefused, StateError
from hpcctl.lifecycle.guarding import NO_LOSS, Permission
from hpcctl.lifecycle.mending import mend, restored
from hpcctl.lifecycle.terminating import terminate
from hpcctl.overview import status_of
from hpcctl.state import ClusterRecord, Phase
from hpcctl.terraform import find_terraform
from hpcctl.workspace import Workspace
from tests.sandbox.polling import instance, reach, until
from tests.sandbox.unmanned import context, create_until_ssh

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPuDHkPj8HT4Gm/Q4j1iWtWVk1PZwD5dE91NcP/zAik9"
pytestmark = [pytest.mark.sandbox, pytest.mark.terraform, pytest.mark.extended]


@pytest.fixture(scope="module")
def workspace(sandbox_home: Path) -> Iterator[Workspace]:
    """A cluster that is said to be ready; its machines are records."""
    record, _ = create_until_ssh(sandbox_home, "hands")
    made = Workspace(home=sandbox_home, name="hands")
    made.save(replace(record, phase=Phase.READY))
    yield made
    terminate("hands", context=context(sandbox_home))


def _mend(workspace: Workspace, permission: Permission) -> tuple[ClusterRecord, list[str]]:
    run = context(workspace.home)
    return mend(workspace, workspace.load(), run, permission), run.progress.notes  # type: ignore[attr-defined]


def _plan(workspace: Workspace) -> list[Any]:
    with find_terraform(workspace.home).planned(workspace.terraform, on_event=lambda _: None) as plan:
        assert plan.path.stat().st_mode & 0o777 == 0o600  # it holds the user data
        return list(plan.changes)


def _ids(record: ClusterRecord) -> dict[str, str]:
    assert record.inventory
    return {host.name: host.instance_id for host in record.inventory.hosts}


@pytest.mark.fault(
    "resources removed by hand",
    "afterwards: create",
    "a node, the key pair and the placement group are made again",
)
def test_what_can_be_made_again_is(workspace: Workspace, ec2: Any) -> None:
    before = workspace.load()
    name = f"hpcctl-hands-{before.cluster_id}"
    tag_host_key(before.cloud, _ids(before)["head"], HOST_KEY)
    ec2.terminate_instances(InstanceIds=[_ids(before)["node001"]])
    ec2.delete_key_pair(KeyName=name)
    assert status_of(workspace.home, "hands").missing == ("node001", "the key pair")
    after, _ = create_until_ssh(workspace.home, "hands")
    assert _ids(after)["head"] == _ids(before)["head"]
    assert _ids(after)["node001"] != _ids(before)["node001"]
    assert after.inventory and before.inventory
    assert after.inventory.hosts[1].private_ip == before.inventory.hosts[1].private_ip
    assert absences_of(after) == ()
    assert _plan(workspace) == []
    assert host_key_tag(after.cloud, after.cluster_id) == HOST_KEY  # Terraform has left it alone


@pytest.mark.fault(
    "resources removed by hand", "afterwards: start, create", "a lost head is refused: /share is gone with it"
)
def test_a_head_is_made_again_only_with_leave(workspace: Workspace, ec2: Any) -> None:
    before = workspace.load()
    ec2.terminate_instances(InstanceIds=[_ids(before)["head"]])
    reach(ec2, [_ids(before)["head"]], "terminated")
    with pytest.raises(PlanRefused, match="the volume of /share") as caught:
        _mend(workspace, Permission(replace=True))
    assert "--destroy-data" in caught.value.hint
    with pytest.raises(PlanRefused, match="the head is gone"):
        create_until_ssh(workspace.home, "hands")
    assert workspace.load() == before
    after, notes = _mend(workspace, Permission(destroy_data=True))
    assert notes == ["gone from the cloud, and made again: head"]
    assert _ids(after)["head"] != _ids(before)["head"]
    assert after.inventory and before.inventory
    assert after.inventory.share_volume_id != before.inventory.share_volume_id
    assert workspace.load() == after
    assert _plan(workspace) == []


@pytest.mark.fault(
    "volume of /share detached by hand", "afterwards: start, create", "refused, with what to do"
)
def test_a_volume_that_is_not_there_is_no_reason_for_a_new_one(workspace: Workspace, ec2: Any) -> None:
    record = workspace.load()
    assert record.inventory
    volume, head = record.inventory.share_volume_id, _ids(record)["head"]
    ec2.detach_volume(VolumeId=volume, InstanceId=head)
    until(lambda: absences_of(record), what="the volume is off")
    with pytest.raises(StateError, match=volume):
        _mend(workspace, Permission(replace=True, destroy_data=True))
    until(lambda: _state(ec2, volume) == "available", what="it is detached")
    ec2.attach_volume(VolumeId=volume, InstanceId=head, Device="/dev/sdf")
    until(lambda: not absences_of(record), what="the volume is on again")


def _state(ec2: Any, volume: str) -> str:
    return str(ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["State"])


@pytest.mark.fault(
    "type of a node changed by hand", "afterwards: create", "the plan is refused until --replace"
)
def test_a_plan_that_would_stop_a_node_is_refused_until_it_is_allowed(workspace: Workspace, ec2: Any) -> None:
    record = workspace.load()
    node = _ids(record)["node001"]
    ec2.stop_instances(InstanceIds=[node])
    reach(ec2, [node], "stopped")
    ec2.modify_instance_attribute(InstanceId=node, InstanceType={"Value": "c5.large"})
    workspace.save(replace(record, phase=Phase.DEGRADED))
    with pytest.raises(PlanRefused, match="node001 would be stopped and started again: its type changed"):
        create_until_ssh(workspace.home, "hands")
    assert instance(ec2, node)["InstanceType"] == "c5.large"
    create_until_ssh(workspace.home, "hands", permission=Permission(replace=True))
    assert instance(ec2, node)["InstanceType"] == "c5.xlarge"


def _set(workspace: Workspace, **values: Any) -> None:
    path = workspace.terraform / "terraform.tfvars.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_a_plan_that_would_replace_nodes_names_each_and_changes_nothing(
    workspace: Workspace, ec2: Any
) -> None:
    record = workspace.load()
    path = workspace.terraform / "terraform.tfvars.json"
    before = json.loads(path.read_text())
    nodes = {
        name: {**node, "private_ip": f"10.71.15.{place}"}
        for place, (name, node) in enumerate(before["nodes"].items(), 200)
    }
    _set(workspace, nodes=nodes)
    try:
        with pytest.raises(PlanRefused) as caught:
            restored(workspace, record, context(workspace.home), NO_LOSS)
    finally:
        _set(workspace, nodes=before["nodes"])
    assert "node001 would be replaced: its private address changed" in caught.value.message
    assert (
        "the head would be replaced: its private address changed, and with it the volume of /share"
        in caught.value.message
    )
    assert "--replace" in caught.value.hint and "--destroy-data" in caught.value.hint
    assert not (workspace.terraform / "hpcctl.tfplan").exists()
    assert all(instance(ec2, id_)["State"]["Name"] == "running" for id_ in _ids(record).values())


@pytest.mark.fault(
    "Ctrl-C while a node is made",
    "create: Terraform runs",
    "the half-made node is made anew, without a question",
)
def test_a_node_that_was_left_half_made_is_replaced_while_creating(workspace: Workspace, ec2: Any) -> None:
    record = workspace.load()
    state = workspace.terraform / "terraform.tfstate"
    content = json.loads(state.read_text())
    for resource in content["resources"]:
        for one in resource["instances"]:
            if one.get("index_key") == "node001":
                one["status"] = "tainted"
    state.write_text(json.dumps(content))
    with pytest.raises(PlanRefused, match="node001 would be replaced: it was left half made"):
        restored(workspace, replace(record, phase=Phase.DEGRADED), context(workspace.home), NO_LOSS)
    workspace.save(replace(record, phase=Phase.CREATING))
    after, _ = create_until_ssh(workspace.home, "hands")
    assert _ids(after)["node001"] != _ids(record)["node001"]
    assert _ids(after)["head"] == _ids(record)["head"]
