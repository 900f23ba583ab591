"""A class of clusters against the API: made side by side as far as it goes without machines, and taken away again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpcctl import sandbox
from hpcctl.aws import instances
from hpcctl.cli.main import run
from hpcctl.cli.progress import PlainProgress, Recorder
from hpcctl.cli.seats import create_class
from hpcctl.cli.session import Session
from hpcctl.errors import SpecError
from hpcctl.lifecycle.creating import CreateRequest
from hpcctl.spec.model import Cloud
from hpcctl.spec.seats import seats_of
from hpcctl.state import ClusterRecord, Phase
from hpcctl.workspace import Workspace, records
from tests.sandbox.unmanned import SshIsNext
from tests.specs import plain_spec

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform]

SEATS = ("lab-01", "lab-02", "lab-03")


@pytest.fixture
def cloud(sandbox_home: Path) -> Cloud:
    return sandbox.cloud(sandbox_home)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose clusters end where a machine would have to answer; they are taken away afterwards."""
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("HPCCTL_HOME", str(tmp_path / "home"))
    whole = PlainProgress.phase

    @contextmanager
    def phase(self: PlainProgress, name: str) -> Iterator[None]:
        if name == "wait for ssh":
            raise SshIsNext("far enough")
        with whole(self, name):
            yield

    monkeypatch.setattr(PlainProgress, "phase", phase)
    yield tmp_path / "home"
    left = [record.spec.name for record in records(tmp_path / "home")]
    assert not left or run(["terminate", "--yes", *left]) == 0


Made = Callable[..., int]


@pytest.fixture
def made(home: Path, cloud: Cloud) -> Made:
    """``create lab --count``."""

    def make(count: int, nodes: int = 2) -> int:
        seats = seats_of(plain_spec("lab", nodes), count)
        requests = [CreateRequest(spec=spec, cloud=cloud) for spec in seats]
        return create_class(Session(home=home), requests, progress=Recorder(), wait=False, timings=False)

    return make


def finish(home: Path, *names: str) -> None:
    """As if the machines had answered."""
    for name in names:
        workspace = Workspace(home=home, name=name)
        workspace.save(replace(workspace.load(), phase=Phase.READY))


def test_a_class_is_made_finished_listed_and_taken_away(
    home: Path, made: Made, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    assert made(2) == 1  # each ends where a machine would have to answer
    shown = capsys.readouterr()
    assert "lab: 2 clusters of 2 nodes, 4 nodes in all" in shown.err
    assert [row.split()[:2] for row in shown.out.splitlines()[1:3]] == [
        ["lab-01", "failed"],
        ["lab-02", "failed"],
    ]
    present = instances(cloud)
    assert {(one.cluster, one.node) for one in present if one.cluster in SEATS} == {
        (name, node) for name in SEATS[:2] for node in ("head", "node001")
    }
    one, two = (Workspace(home=home, name=name).load() for name in SEATS[:2])
    assert (one.spec.class_name, two.spec.class_name) == ("lab", "lab")
    assert one.base == two.base
    assert one.facts == two.facts
    assert not set(one.addresses) & set(two.addresses)

    finish(home, "lab-01")
    before = {one.instance_id for one in present}
    assert made(3) == 1
    shown = capsys.readouterr()
    assert shown.out.splitlines()[1].split()[:3] == ["lab-01", "ready", "already"]
    assert before <= {one.instance_id for one in instances(cloud)}  # what was there stayed
    finish(home, *SEATS)
    assert made(3) == 0
    assert capsys.readouterr().out.count("ready already") == 3

    assert run(["list", "--json", "lab"]) == 0
    assert [(one["name"], one["class"]) for one in json.loads(capsys.readouterr().out)] == [
        (name, "lab") for name in SEATS
    ]
    assert run(["hosts", "--json", "lab-0[12]"]) == 0
    hosts = json.loads(capsys.readouterr().out)
    assert [one["host"] for one in hosts] == [
        f"{name}-{node}" for name in SEATS[:2] for node in ("head", "node001")
    ]
    assert {one["state"] for one in hosts} == {"running"}
    assert run(["stop", "--force", "lab"]) == 0
    assert [row.split()[1] for row in capsys.readouterr().out.splitlines()[1:]] == ["stopped"] * 3
    assert run(["terminate", "--yes", "lab"]) == 0
    assert not [one for one in instances(cloud) if one.cluster in SEATS]
    assert not records(home)


def test_quotas_and_names_are_checked_for_all_before_anything_is_made(
    home: Path, made: Made, cloud: Cloud, ec2: Any
) -> None:
    with pytest.raises(SpecError) as caught:
        made(4, nodes=600)  # of which one or two would be all right
    assert "vCPU" in str(caught.value)
    launched = ec2.run_instances(
        ImageId="ami-0deb1a12000000001", InstanceType="c5.large", MinCount=1, MaxCount=1
    )
    instance_id = launched["Instances"][0]["InstanceId"]
    tags = {"hpcctl:cluster": "lab-02", "hpcctl:id": "00000001", "hpcctl:node": "head", "hpcctl:role": "head"}
    ec2.create_tags(
        Resources=[instance_id], Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
    )
    try:
        with pytest.raises(SpecError, match="a cluster named lab-02"):
            made(2)
    finally:
        ec2.terminate_instances(InstanceIds=[instance_id])
    assert not (home / "clusters").exists()


def test_a_class_has_a_name_of_its_own_and_one_way_of_numbering(home: Path, made: Made, cloud: Cloud) -> None:
    for name, words in (("lab", "there is a cluster called lab"), ("lab-001", "is numbered as in lab-001")):
        spec = replace(plain_spec(name), class_name="lab" if name != "lab" else "")
        workspace = Workspace(home=home, name=name)
        workspace.save(
            ClusterRecord(
                spec=spec,
                cloud=cloud,
                phase=Phase.READY,
                created="2026-01-02T03:04:05+00:00",
                cluster_id="0a1b2c3d",
            )
        )
        with pytest.raises(SpecError, match=words):
            made(2)
        workspace.remove()
