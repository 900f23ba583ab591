"""When the cloud's word is enough to begin configuring."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from hpcctl.aws import InstanceState
from hpcctl.inventory import Inventory
from hpcctl.lifecycle.early import seen_inventory
from hpcctl.spec.model import Role, Volume
from tests.specs import plain_spec

SPEC = plain_spec()


def state(node: str, **changes: object) -> InstanceState:
    plain = InstanceState(
        instance_id=f"i-{node}",
        name=f"demo-{node}",
        cluster="demo",
        cluster_id="0a1b2c3d",
        node=node,
        role=Role.HEAD if node == "head" else Role.COMPUTE,
        state="running",
        instance_type="c5.xlarge",
        zone="us-east-1a",
        private_ip="10.0.0.10",
        public_ip="127.9.9.9",
        launch_time=datetime(2026, 1, 1, tzinfo=timezone.utc),
        volumes=("vol-root", "vol-share"),
        share_volume="vol-share" if node == "head" else None,
        devices=(("/dev/sdf", "vol-share"),) if node == "head" else (),
        owner="me",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_all_nodes_running_are_the_inventory_that_terraform_will_report() -> None:
    seen = seen_inventory((state("head"), state("node001")), SPEC, nodes=2)
    assert seen
    assert seen == Inventory.from_json(seen.to_json())
    assert seen.share_volume_id == "vol-share"
    assert [host.name for host in seen.hosts] == ["head", "node001"]


@pytest.mark.parametrize(
    "states",
    [
        (),
        (state("head"),),
        (state("head"), state("node001", state="pending")),
        (state("head", public_ip=None), state("node001")),
        (state("head", devices=()), state("node001")),
        (state("node001"), state("node002")),
    ],
)
def test_anything_less_is_not_enough(states: tuple[InstanceState, ...]) -> None:
    assert seen_inventory(states, SPEC, nodes=2) is None


def test_all_volumes_of_the_head_must_be_there_by_the_names_of_their_devices() -> None:
    spec = replace(SPEC, volumes=(Volume(name="data", mount="/data", volume_id="vol-data"),))
    states = (state("head"), state("node001"))
    assert seen_inventory(states, spec, nodes=2) is None
    devices = (("/dev/sdg", "vol-data"), ("/dev/xvda", "vol-root"), ("/dev/sdf", "vol-share"))
    seen = seen_inventory((state("head", devices=devices), state("node001")), spec, nodes=2)
    assert seen
    assert [(one.name, one.volume_id) for one in seen.volumes] == [
        ("share", "vol-share"),
        ("data", "vol-data"),
    ]


def test_a_node_that_is_to_have_no_public_address_needs_none() -> None:
    private = replace(SPEC, compute=tuple(replace(group, public_address=False) for group in SPEC.compute))
    states = (state("head"), state("node001", public_ip=None))
    assert seen_inventory(states, SPEC, nodes=2) is None
    assert seen_inventory(states, private, nodes=2)
