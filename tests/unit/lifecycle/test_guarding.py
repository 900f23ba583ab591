"""What a plan would cost is said in plain words, and needs leave."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.errors import PlanRefused
from hpcctl.lifecycle.guarding import Permission, objections, permission_for, require_permitted
from hpcctl.spec.model import Volume
from hpcctl.state import Phase
from hpcctl.terraform import Plan, PlannedChange
from tests.unit.records import RECORD

AGAIN = ("delete", "create")


def _change(kind: str, *actions: str, node: str = "", why: str = "", cause: str = "") -> PlannedChange:
    attributes = (why,) if why else ()
    return PlannedChange(
        address="a", actions=actions, kind=kind, node=node, attributes=attributes, cause=cause
    )


def _instance(*actions: str, node: str = "node001", why: str = "", cause: str = "") -> PlannedChange:
    return _change("aws_instance", *actions, node=node, why=why, cause=cause)


@pytest.mark.parametrize(
    ("change", "words", "option"),
    [
        (
            _instance(*AGAIN, why="subnet_id"),
            "node001 would be replaced: its subnet changed",
            "--replace",
        ),
        (
            _instance(*AGAIN, cause="replace_because_tainted"),
            "node001 would be replaced: it was left half made",
            "--replace",
        ),
        (_instance("delete"), "node001 would be destroyed", "--replace"),
        (
            _instance("update", why="instance_type"),
            "node001 would be stopped and started again: its type changed",
            "--replace",
        ),
        (
            _instance(*AGAIN, node="head", why="key_name"),
            "the head would be replaced: its key pair changed,"
            " and with it the volume of /share (50 GB, with all homes)",
            "--destroy-data",
        ),
        (
            _change("aws_ebs_volume", *AGAIN, why="availability_zone"),
            "the ebs volume would be replaced: its availability zone changed",
            "--destroy-data",
        ),
        (_change("aws_security_group", "delete"), "the security group would be destroyed", "--replace"),
    ],
)
def test_objections_when_something_would_be_lost_then_it_is_named(
    change: PlannedChange, words: str, option: str
) -> None:
    (found,) = objections([change], RECORD)
    assert (found.what, found.option) == (words, option)


@pytest.mark.parametrize(
    "change",
    [
        _instance("create"),
        _instance("update", why="tags"),
        _change("aws_security_group", "update", why="ingress"),
    ],
)
def test_objections_when_nothing_is_lost_then_there_are_none(change: PlannedChange) -> None:
    assert list(objections([change], RECORD)) == []


def _plan(*changes: PlannedChange) -> Plan:
    return Plan(path=Path("plan"), is_empty=False, changes=changes)


def test_require_when_several_are_refused_then_all_are_named_with_what_allows_them() -> None:
    plan = _plan(_instance(*AGAIN), _instance(*AGAIN, node="head"))
    with pytest.raises(PlanRefused) as caught:
        require_permitted(plan, RECORD, Permission())
    assert "node001 would be replaced; the head would be replaced" in caught.value.message
    assert "--replace --destroy-data" in caught.value.hint
    with pytest.raises(PlanRefused, match="the head") as caught:
        require_permitted(plan, RECORD, Permission(replace=True))
    assert "node001" not in caught.value.message


def test_require_when_it_is_allowed_then_it_goes_on() -> None:
    plan = _plan(_instance(*AGAIN), _instance(*AGAIN, node="head"))
    require_permitted(plan, RECORD, Permission(replace=True, destroy_data=True))
    require_permitted(plan, RECORD, Permission(nodes=frozenset({"head", "node001"})))


def test_permission_when_the_cluster_was_never_ready_then_all_of_it_may_be_made_anew() -> None:
    creating = replace(RECORD, phase=Phase.CREATING)
    plan = _plan(_instance(*AGAIN, node="head"), _change("aws_key_pair", *AGAIN))
    require_permitted(plan, creating, permission_for(creating, Permission()))
    assert permission_for(replace(RECORD, phase=Phase.DEGRADED), Permission()) == Permission()


def test_a_volume_to_be_kept_is_left_behind_and_one_that_was_there_is_no_loss() -> None:
    spec = replace(
        RECORD.spec,
        share=replace(RECORD.spec.share, keep=True),
        volumes=(
            Volume(name="data", mount="/data", volume_id="vol-9"),
            Volume(name="work", mount="/work", gib=20),
        ),
    )
    (said,) = objections([_instance(*AGAIN, node="head")], replace(RECORD, spec=spec))
    assert said.what == (
        "the head would be replaced, and with it the volume work (20 GB, /work),"
        " without the volume of /share (50 GB, with all homes), which would be left behind"
    )
    assert said.option == "--destroy-data"


@pytest.mark.parametrize("kind", ["aws_launch_template", "aws_volume_attachment"])
def test_what_goes_with_a_node_is_no_loss_of_its_own(kind: str) -> None:
    assert list(objections([_change(kind, *AGAIN, node="node001")], RECORD)) == []
