"""A cluster of groups, from create to terminate: spot nodes, volumes made and there, a rule, what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from hpcctl import sandbox
from hpcctl.lifecycle.creating import CreateRequest, create
from hpcctl.lifecycle.keeping import mark
from hpcctl.lifecycle.recovering import RecoverRequest, recover
from hpcctl.lifecycle.starting import start
from hpcctl.lifecycle.stopping import stop
from hpcctl.lifecycle.terminating import terminate
from hpcctl.overview import status_of
from hpcctl.spec.model import ClusterSpec, FirewallRule, Network, NodeGroup, Spot, Volume
from hpcctl.state import ClusterRecord, Phase
from hpcctl.workspace import Workspace
from tests.sandbox.unmanned import SshIsNext, UntilSsh, context
from tests.specs import plain_spec

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform]
NAME = "wing"


@dataclass(kw_only=True)
class Life:
    """What the API said at each stage of it; ``own`` is the volume that was there before."""

    own: str
    made: ClusterRecord
    instances: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: list[dict[str, Any]] = field(default_factory=list)
    volumes: dict[str, dict[str, Any]] = field(default_factory=dict)
    planned: tuple[str, ...] = ()
    stopped: dict[str, str] = field(default_factory=dict)
    stopped_state: str = ""
    stopped_missing: tuple[str, ...] = ()
    again: dict[str, dict[str, Any]] = field(default_factory=dict)
    left: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def spec_of(own: str) -> ClusterSpec:
    """Two compute groups, one of them on spot capacity; three volumes; a rule."""
    spec = plain_spec(NAME)
    return replace(
        spec,
        head=replace(spec.head, instance_type="c5.large"),
        compute=(
            NodeGroup(name="node", instance_type="c5.xlarge", hyper_threading=False),
            NodeGroup(
                name="burst",
                instance_type="c5.2xlarge",
                spot=Spot(max_usd=0.34),
                root_gib=30,
                placement=False,
            ),
        ),
        share=replace(spec.share, iops=4000, throughput=250),
        volumes=(
            Volume(name="data", mount="/data", volume_id=own),
            Volume(name="work", mount="/work", gib=20, volume_type="st1", keep=True),
        ),
        network=Network(
            rules=(
                FirewallRule(
                    name="jupyter", protocol="tcp", from_port=8888, to_port=8890, cidrs=("203.0.113.0/24",)
                ),
            )
        ),
        zones=("us-east-1b",),
    )


@pytest.fixture(scope="module")
def life(sandbox_home: Path, connect: Any) -> Iterator[Life]:
    """All of it, once."""
    ec2 = connect("ec2")
    own = ec2.create_volume(AvailabilityZone="us-east-1b", Size=7, VolumeType="gp3")["VolumeId"]
    workspace = Workspace(home=sandbox_home, name=NAME)
    request = CreateRequest(spec=spec_of(own), cloud=sandbox.cloud(sandbox_home))
    with pytest.raises(SshIsNext):
        create(request, context=context(sandbox_home))
    made = replace(workspace.load(), phase=Phase.READY)  # as far as the account is concerned
    workspace.save(made)
    mark(made)
    life = Life(own=own, made=made)
    life.instances, life.volumes = _instances(ec2, made), _volumes(ec2, made)
    life.groups = ec2.describe_security_groups(Filters=_tagged(made))["SecurityGroups"]
    (workspace.terraform / "terraform.tfstate").unlink()
    found = recover(RecoverRequest(name=NAME, cloud=lambda: made.cloud), context=context(sandbox_home))
    life.planned = found.planned
    stop(NAME, context=context(sandbox_home), force=True)
    life.stopped = {node: one["State"]["Name"] for node, one in _instances(ec2, made).items()}
    status = status_of(sandbox_home, NAME)
    life.stopped_state, life.stopped_missing = status.state, status.missing
    with pytest.raises(SshIsNext):
        start(NAME, context=context(sandbox_home))
    life.again = _instances(ec2, made)
    workspace.save(replace(workspace.load(), phase=Phase.READY))
    progress = UntilSsh()
    terminate(NAME, context=replace(context(sandbox_home), progress=progress))
    life.notes, life.left = progress.notes, _volumes(ec2, made)
    life.left[own] = ec2.describe_volumes(VolumeIds=[own])["Volumes"][0]
    yield life
    for volume_id in life.left:
        ec2.delete_volume(VolumeId=volume_id)


def _tagged(record: ClusterRecord) -> Any:
    return [{"Name": "tag:hpcctl:id", "Values": [record.cluster_id]}]


def _instances(ec2: Any, record: ClusterRecord) -> dict[str, dict[str, Any]]:
    alive = {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}
    pages = ec2.describe_instances(Filters=[*_tagged(record), alive])["Reservations"]
    found = [one for page in pages for one in page["Instances"]]
    return {_tag(one, "hpcctl:node"): one for one in found}


def _volumes(ec2: Any, record: ClusterRecord) -> dict[str, dict[str, Any]]:
    return {one["VolumeId"]: one for one in ec2.describe_volumes(Filters=_tagged(record))["Volumes"]}


def _tag(one: dict[str, Any], key: str) -> str:
    return next((tag["Value"] for tag in one.get("Tags", ()) if tag["Key"] == key), "")


def test_every_node_is_as_its_group_says(life: Life) -> None:
    types = {node: one["InstanceType"] for node, one in life.instances.items()}
    assert types == {"head": "c5.large", "node001": "c5.xlarge", "burst001": "c5.2xlarge"}
    spot = [node for node, one in life.instances.items() if one.get("InstanceLifecycle") == "spot"]
    assert spot == ["burst001"]
    assert {node: _tag(one, "hpcctl:group") for node, one in life.instances.items()} == {
        "head": "head",
        "node001": "node",
        "burst001": "burst",
    }


def test_placement_is_for_the_groups_that_stand_there(life: Life) -> None:
    placed = {node: bool(one["Placement"].get("GroupName")) for node, one in life.instances.items()}
    assert placed == {"head": True, "node001": True, "burst001": False}


def test_the_head_alone_has_the_rule(life: Life) -> None:
    groups = {node: len(one["SecurityGroups"]) for node, one in life.instances.items()}
    assert groups == {"head": 2, "node001": 1, "burst001": 1}
    (own,) = [group for group in life.groups if _tag(group, "hpcctl:role") == "head"]
    (rule,) = own["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"]) == (8888, 8890)
    assert [span["CidrIp"] for span in rule["IpRanges"]] == ["203.0.113.0/24"]


def test_the_head_has_its_volumes_by_their_devices(life: Life) -> None:
    devices = {one["DeviceName"]: one["Ebs"] for one in life.instances["head"]["BlockDeviceMappings"]}
    assert devices["/dev/sdg"]["VolumeId"] == life.own
    flags = {name: devices[f"/dev/{name}"]["DeleteOnTermination"] for name in ("sdf", "sdg", "sdh")}
    assert flags == {"sdf": True, "sdg": False, "sdh": False}
    inventory = life.made.inventory
    assert inventory
    assert {one.name: one.volume_id for one in inventory.volumes} == {
        "share": devices["/dev/sdf"]["VolumeId"],
        "data": life.own,
        "work": devices["/dev/sdh"]["VolumeId"],
    }
    share, work = (life.volumes[inventory.volume_id(name)] for name in ("share", "work"))
    assert (share["Iops"], share["Throughput"]) == (4000, 250)
    assert (work["VolumeType"], _tag(work, "hpcctl:volume"), _tag(work, "hpcctl:keep")) == (
        "st1",
        "work",
        "1",
    )


def test_a_state_that_was_lost_comes_back_and_nothing_is_planned(life: Life) -> None:
    assert life.planned == ()


def test_spot_nodes_end_with_a_stop_and_come_back_with_a_start(life: Life) -> None:
    assert life.stopped == {"head": "stopped", "node001": "stopped"}
    assert (life.stopped_state, life.stopped_missing) == ("stopped", ())
    assert {node: one["State"]["Name"] for node, one in life.again.items()} == dict.fromkeys(
        life.instances, "running"
    )
    new = [
        node for node, one in life.again.items() if one["InstanceId"] != life.instances[node]["InstanceId"]
    ]
    assert new == ["burst001"]
    assert life.again["burst001"]["PrivateIpAddress"] == life.instances["burst001"]["PrivateIpAddress"]


def test_what_is_to_be_kept_and_what_is_the_users_own_is_left_and_told(life: Life) -> None:
    inventory = life.made.inventory
    assert inventory
    work = inventory.volume_id("work")
    assert {id_: one["State"] for id_, one in life.left.items()} == {work: "available", life.own: "available"}
    assert any(
        f'volume "work" with id = "{work}" and mount = ' in note and "20 GB st1" in note
        for note in life.notes
    )
    assert not any(life.own in note for note in life.notes)
