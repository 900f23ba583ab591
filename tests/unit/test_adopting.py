"""What carries a cluster's name is told to Terraform by the address where it keeps such things."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.aws import Resource, ResourceKind
from hpcctl.errors import CloudError
from hpcctl.lifecycle import adopting
from hpcctl.lifecycle.context import Context
from hpcctl.spec.model import Volume
from hpcctl.workspace import Workspace
from tests.unit.records import RECORD

INSTANCE, GROUP = ResourceKind.INSTANCE, ResourceKind.SECURITY_GROUP


class Notes:
    """A ``Progress`` that keeps its notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def phase(self, name: str) -> AbstractContextManager[None]:
        return nullcontext()

    def detail(self, text: str) -> None:
        pass

    def note(self, text: str) -> None:
        self.notes.append(text)

    warn = note


def _found(monkeypatch: pytest.MonkeyPatch, *resources: Resource) -> None:
    monkeypatch.setattr(adopting, "resources_of", lambda cloud, cluster: resources)


def test_adopt_when_things_exist_then_each_has_its_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _found(
        monkeypatch,
        Resource(kind=INSTANCE, id="i-1", node="node001"),
        Resource(kind=INSTANCE, id="i-9", node="node099"),
        Resource(kind=INSTANCE, id="i-8", node='"] } evil {'),
        Resource(kind=GROUP, id="sg-1"),
    )
    told: dict[str, str] = {}

    def adopt(folder: Path, strays: Mapping[str, str], *, size: int, context: Context) -> tuple[str, ...]:
        told.update(strays)
        return tuple(address for address in strays if "instance" in address)

    monkeypatch.setattr(adopting, "adopt", adopt)
    progress = Notes()
    workspace = Workspace(home=tmp_path, name="demo")
    adopting.adopt_strays(workspace, RECORD, Context(home=tmp_path, progress=progress))
    assert told == {
        'module.nodes.aws_instance.this["node001"]': "i-1",
        "module.access.aws_security_group.this": "sg-1",
    }
    assert [note.split(",")[0] for note in progress.notes] == ["found i-1"]


def test_require_when_something_is_left_then_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _found(monkeypatch, Resource(kind=INSTANCE, id="i-9", node="x"), Resource(kind=GROUP, id="sg-1"))
    monkeypatch.setattr(adopting, "LAG_SECONDS", 0.0)
    with pytest.raises(CloudError, match="instance i-9, security_group sg-1"):
        adopting.require_nothing_left(RECORD)


def test_require_when_nothing_is_left_then_it_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    _found(monkeypatch)
    adopting.require_nothing_left(RECORD)


def test_require_when_the_answer_lags_behind_then_it_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(Resource(kind=GROUP, id="sg-1"),), ()]
    monkeypatch.setattr(adopting, "resources_of", lambda cloud, cluster: answers.pop(0))
    monkeypatch.setattr(adopting, "POLL_SECONDS", 0.0)
    adopting.require_nothing_left(RECORD)
    assert answers == []


def test_what_a_cluster_of_groups_has_is_told_by_its_addresses() -> None:
    spec = replace(RECORD.spec, volumes=(Volume(name="data", mount="/data", volume_id="vol-9"),))
    found = adopting.strays_of(
        replace(RECORD, spec=spec),
        (
            Resource(kind=INSTANCE, id="i-1", node="head", volumes=("vol-1", "vol-9")),
            Resource(kind=GROUP, id="sg-1"),
            Resource(kind=GROUP, id="sg-2", node="head"),
            Resource(kind=ResourceKind.LAUNCH_TEMPLATE, id="lt-1", node="node001"),
        ),
    )
    assert found == {
        'module.nodes.aws_instance.this["head"]': "i-1",
        "module.access.aws_security_group.this": "sg-1",
        "module.access.aws_security_group.head[0]": "sg-2",
        'module.nodes.aws_launch_template.efa["node001"]': "lt-1",
        'module.nodes.aws_volume_attachment.this["data"]': "/dev/sdg:vol-9:i-1",
    }


def test_a_volume_that_is_not_on_the_head_is_no_stray() -> None:
    spec = replace(RECORD.spec, volumes=(Volume(name="data", mount="/data", volume_id="vol-9"),))
    resources = (Resource(kind=INSTANCE, id="i-1", node="head", volumes=("vol-1",)),)
    assert set(adopting.strays_of(replace(RECORD, spec=spec), resources)) == {
        'module.nodes.aws_instance.this["head"]'
    }
