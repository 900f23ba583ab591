"""What is asked of machines, and how the API's state follows them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from hpcctl.sandbox.api.ends import kill
from hpcctl.sandbox.api.fleet import Fleet
from hpcctl.sandbox.faults import Fault, FaultKind
from tests.sandbox.polling import until
from tests.unit.sandbox.api.told import ToldMachines


def _instance(ec2: Any, instance_id: str) -> dict[str, Any]:
    return dict(ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0])


def _reach(ec2: Any, instance_id: str, state: str) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while (found := _instance(ec2, instance_id))["State"]["Name"] != state:
        assert time.monotonic() < deadline, f"{found['State']} instead of {state}"
        time.sleep(0.01)
    return found


def _state_of(ec2: Any, volume_id: str) -> str:
    return str(ec2.describe_volumes(VolumeIds=[volume_id])["Volumes"][0]["State"])


def _called(machines: ToldMachines, *call: Any) -> None:
    deadline = time.monotonic() + 20
    while call not in machines.calls:
        assert time.monotonic() < deadline, f"{call} is not among {machines.calls}"
        time.sleep(0.01)


def test_an_instance_is_pending_until_its_machine_runs(
    ec2: Any, launch: Callable[..., str], machines: ToldMachines
) -> None:
    machines.gate.clear()
    instance_id = launch()
    assert _instance(ec2, instance_id)["State"]["Name"] == "pending"
    machines.gate.set()
    _reach(ec2, instance_id, "running")
    assert machines.calls == [("start", instance_id)]


def test_the_machine_is_what_the_request_said(
    ec2: Any, launch: Callable[..., str], machines: ToldMachines
) -> None:
    disks = [
        {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20}},
        {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 4, "DeleteOnTermination": True}},
    ]
    instance_id = launch(BlockDeviceMappings=disks, PrivateIpAddress="172.31.0.77")
    shown = _reach(ec2, instance_id, "running")
    spec = machines.specs[instance_id]
    volume = next(
        each["Ebs"]["VolumeId"] for each in shown["BlockDeviceMappings"] if each["DeviceName"] == "/dev/sdf"
    )
    assert spec.root_gib == 20
    assert [(disk.volume_id, disk.gib) for disk in spec.disks] == [(volume, 4)]
    assert (spec.private.ip, spec.private.prefix_length) == ("172.31.0.77", 16)
    assert spec.private.mac == shown["NetworkInterfaces"][0]["MacAddress"]
    assert spec.public_ip == shown["PublicIpAddress"]
    assert spec.public_ip.startswith("127.") and spec.public_ip != "127.0.0.1"


def test_a_machine_that_cannot_start_ends_terminated_with_the_reason(
    ec2: Any, launch: Callable[..., str], machines: ToldMachines
) -> None:
    machines.broken = "no memory left"
    found = _reach(ec2, launch(), "terminated")
    assert found["StateReason"]["Code"] == "Server.InternalError"
    assert "no memory left" in found["StateReason"]["Message"]


@pytest.mark.parametrize("machines", [False], indirect=True)
def test_instances_wait_for_the_image_and_can_be_terminated_meanwhile(
    ec2: Any, launch: Callable[..., str], machines: ToldMachines
) -> None:
    kept, dropped = launch(), launch()
    assert _instance(ec2, kept)["State"]["Name"] == "pending"
    ec2.terminate_instances(InstanceIds=[dropped])
    machines.image.set()
    _reach(ec2, kept, "running")
    _reach(ec2, dropped, "terminated")
    assert ("start", dropped) not in machines.calls


def test_stop_and_start_change_the_public_address_and_keep_the_private_one(
    ec2: Any, launch: Callable[..., str], machines: ToldMachines
) -> None:
    instance_id = launch()
    before = _reach(ec2, instance_id, "running")
    ec2.stop_instances(InstanceIds=[instance_id])
    assert "PublicIpAddress" not in _reach(ec2, instance_id, "stopped")
    ec2.start_instances(InstanceIds=[instance_id])
    after = _reach(ec2, instance_id, "running")
    assert after["PublicIpAddress"] != before["PublicIpAddress"]
    assert after["PrivateIpAddress"] == before["PrivateIpAddress"]
    assert machines.specs[instance_id].public_ip == after["PublicIpAddress"]


def test_an_elastic_ip_moves_the_machine_and_survives_stop_and_start(
    ec2: Any, launch: Callable[..., str], machines: ToldMachines
) -> None:
    instance_id = launch()
    _reach(ec2, instance_id, "running")
    address = ec2.allocate_address(Domain="vpc")
    ec2.associate_address(InstanceId=instance_id, AllocationId=address["AllocationId"])
    _called(machines, "set_public_ip", instance_id, address["PublicIp"])
    ec2.stop_instances(InstanceIds=[instance_id])
    assert _reach(ec2, instance_id, "stopped")["PublicIpAddress"] == address["PublicIp"]
    ec2.start_instances(InstanceIds=[instance_id])
    assert _reach(ec2, instance_id, "running")["PublicIpAddress"] == address["PublicIp"]
    ec2.disassociate_address(PublicIp=address["PublicIp"])
    fresh = _instance(ec2, instance_id)["PublicIpAddress"]
    assert fresh != address["PublicIp"]
    _called(machines, "set_public_ip", instance_id, fresh)


def test_a_machine_that_ends_by_itself_is_stopped(ec2: Any, launch: Callable[..., str], fleet: Fleet) -> None:
    instance_id = launch()
    _reach(ec2, instance_id, "running")
    fleet.exited(instance_id)
    found = _reach(ec2, instance_id, "stopped")
    assert found["StateReason"]["Code"] == "Client.InstanceInitiatedShutdown"


def test_a_machine_that_ends_by_itself_is_terminated_if_it_was_launched_so(
    ec2: Any, launch: Callable[..., str], fleet: Fleet
) -> None:
    instance_id = launch(InstanceInitiatedShutdownBehavior="terminate")
    _reach(ec2, instance_id, "running")
    fleet.exited(instance_id)
    _reach(ec2, instance_id, "terminated")


def test_terminate_deletes_what_belongs_to_the_instance_alone(
    ec2: Any, launch: Callable[..., str], machines: ToldMachines
) -> None:
    disks = [
        {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 4, "DeleteOnTermination": True}},
        {"DeviceName": "/dev/sdg", "Ebs": {"VolumeSize": 5, "DeleteOnTermination": False}},
    ]
    instance_id = launch(BlockDeviceMappings=disks, PrivateIpAddress="172.31.0.99")
    _reach(ec2, instance_id, "running")
    ec2.terminate_instances(InstanceIds=[instance_id])
    _reach(ec2, instance_id, "terminated")
    assert [volume["Size"] for volume in ec2.describe_volumes()["Volumes"]] == [5]
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    deleted = [call for call in machines.calls if call[0] == "delete_volume"]
    assert len(deleted) == 2
    launch(PrivateIpAddress="172.31.0.99")


def test_a_volume_is_attached_and_detached_live(
    ec2: Any, launch: Callable[..., str], machines: ToldMachines
) -> None:
    instance_id = launch()
    zone = _reach(ec2, instance_id, "running")["Placement"]["AvailabilityZone"]
    volume_id = ec2.create_volume(Size=3, AvailabilityZone=zone)["VolumeId"]
    ec2.attach_volume(InstanceId=instance_id, VolumeId=volume_id, Device="/dev/sdh")
    until(lambda: _state_of(ec2, volume_id) == "in-use", what="the volume is in use")
    ec2.detach_volume(VolumeId=volume_id)
    until(lambda: _state_of(ec2, volume_id) == "available", what="the volume is available")
    verbs = [call[0] for call in machines.calls]
    assert verbs == ["start", "attach", "detach"]
    assert machines.calls[1][2].gib == 3
    ec2.delete_volume(VolumeId=volume_id)
    assert machines.calls[-1] == ("delete_volume", volume_id)


def test_a_volume_of_a_snapshot_begins_with_its_content(
    ec2: Any, launch: Callable[..., str], machines: ToldMachines
) -> None:
    zone = ec2.describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]
    volume_id = ec2.create_volume(Size=3, AvailabilityZone=zone)["VolumeId"]
    snapshot_id = ec2.create_snapshot(VolumeId=volume_id)["SnapshotId"]
    assert machines.calls == [("snapshot", volume_id, snapshot_id)]
    ec2.delete_volume(VolumeId=volume_id)
    disks = [{"DeviceName": "/dev/sdf", "Ebs": {"SnapshotId": snapshot_id, "VolumeSize": 5}}]
    instance_id = launch(BlockDeviceMappings=disks)
    _reach(ec2, instance_id, "running")
    (disk,) = machines.specs[instance_id].disks
    assert (disk.gib, disk.snapshot_id) == (5, snapshot_id)
    ec2.delete_snapshot(SnapshotId=snapshot_id)
    assert machines.calls[-1] == ("delete_snapshot", snapshot_id)


def test_a_volume_given_to_a_stopped_instance_is_there_at_its_next_start(
    ec2: Any, launch: Callable[..., str], machines: ToldMachines
) -> None:
    instance_id = launch()
    zone = _reach(ec2, instance_id, "running")["Placement"]["AvailabilityZone"]
    ec2.stop_instances(InstanceIds=[instance_id])
    _reach(ec2, instance_id, "stopped")
    volume_id = ec2.create_volume(Size=3, AvailabilityZone=zone)["VolumeId"]
    ec2.attach_volume(InstanceId=instance_id, VolumeId=volume_id, Device="/dev/sdh")
    ec2.start_instances(InstanceIds=[instance_id])
    _reach(ec2, instance_id, "running")
    assert [disk.volume_id for disk in machines.specs[instance_id].disks] == [volume_id]
    assert "attach" not in {call[0] for call in machines.calls}


def test_reboot_force_stop_and_console_reach_the_machine(
    ec2: Any, launch: Callable[..., str], machines: ToldMachines
) -> None:
    instance_id = launch()
    _reach(ec2, instance_id, "running")
    ec2.reboot_instances(InstanceIds=[instance_id])
    ec2.stop_instances(InstanceIds=[instance_id], Force=True)
    _reach(ec2, instance_id, "stopped")
    assert machines.calls[1:] == [("reboot", instance_id), ("stop", instance_id, True)]
    assert ec2.get_console_output(InstanceId=instance_id)["Output"].startswith("login: ")


def test_a_machine_that_never_boots_is_running_for_the_api_alone(
    ec2: Any, launch: Callable[..., str], fleet: Fleet, machines: ToldMachines
) -> None:
    fleet.faults.add(Fault(kind=FaultKind.NEVER_BOOTS))
    _reach(ec2, launch(), "running")
    assert machines.calls == []


def test_a_machine_without_network_starts_with_its_cards_nowhere(
    ec2: Any, launch: Callable[..., str], fleet: Fleet, machines: ToldMachines
) -> None:
    fleet.faults.add(Fault(kind=FaultKind.NO_NETWORK, node="node002"))
    made = {name: launch(TagSpecifications=_node(name)) for name in ("node001", "node002")}
    for instance_id in made.values():
        _reach(ec2, instance_id, "running")
    assert machines.specs[made["node001"]].connected
    assert not machines.specs[made["node002"]].connected


def test_a_machine_that_is_to_die_is_stopped_soon_and_starts_again(
    ec2: Any, launch: Callable[..., str], fleet: Fleet
) -> None:
    fleet.faults.add(Fault(kind=FaultKind.DIES, node="node001", seconds=0.05))
    instance_id = launch(TagSpecifications=_node("node001"))
    _reach(ec2, instance_id, "stopped")
    ec2.start_instances(InstanceIds=[instance_id])
    _reach(ec2, instance_id, "running")


def _node(name: str) -> list[dict[str, Any]]:
    return [{"ResourceType": "instance", "Tags": [{"Key": "hpcctl:node", "Value": name}]}]


def test_a_start_that_fails_leaves_a_stopped_instance_stopped(
    ec2: Any, launch: Callable[..., str], fleet: Fleet
) -> None:
    instance_id = launch()
    _reach(ec2, instance_id, "running")
    ec2.stop_instances(InstanceIds=[instance_id])
    _reach(ec2, instance_id, "stopped")
    fleet.faults.add(Fault(kind=FaultKind.FAILS_TO_START))
    ec2.start_instances(InstanceIds=[instance_id])
    assert _reach(ec2, instance_id, "stopped")["StateReason"]["Code"] == "Server.InternalError"


def test_the_plug_of_a_machine_can_be_pulled(
    ec2: Any, launch: Callable[..., str], fleet: Fleet, machines: ToldMachines
) -> None:
    instance_id = launch()
    _reach(ec2, instance_id, "running")
    assert kill(fleet, instance_id)
    _reach(ec2, instance_id, "stopped")
    assert machines.calls[-1] == ("stop", instance_id, True)
    assert not kill(fleet, "i-0000000000000000f")


def test_an_instance_is_described_for_an_hour_after_its_end(
    ec2: Any, launch: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, kept = launch(), launch()
    for each in (gone, kept):
        _reach(ec2, each, "running")
    ec2.terminate_instances(InstanceIds=[gone])
    _reach(ec2, gone, "terminated")
    launch()
    assert _instance(ec2, gone)["State"]["Name"] == "terminated"
    monkeypatch.setattr("hpcctl.sandbox.api.records._SHOWN_SECONDS", -1)
    launch()
    with pytest.raises(ClientError, match=r"InvalidInstanceID\.NotFound"):
        _instance(ec2, gone)
    assert _instance(ec2, kept)["State"]["Name"] == "running"
