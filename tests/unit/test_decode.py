"""Records from JSON: everything that does not fit is named by its place."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpcctl.spec.model import ImageBy, ImageChoice
from hpcctl.state import ClusterRecord
from tests.unit.records import RECORD


def changed(path: str, value: Any) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(json.dumps(RECORD.to_json()))
    *folders, name = path.split(".")
    place: Any = data
    for folder in folders:
        place = place[int(folder)] if isinstance(place, list) else place[folder]
    place[name] = value
    return data


def test_a_record_comes_back_as_it_was() -> None:
    assert ClusterRecord.from_json(json.loads(json.dumps(RECORD.to_json()))) == RECORD


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("spec.head.count", "two", "spec.head.count: 'two' is not a whole number"),
        ("spec.head.count", True, "spec.head.count: True is not a whole number"),
        ("spec", None, "spec: None is not a set of names and values"),
        ("spec.tags", [["a"]], "spec.tags[0]: ['a'] does not have 2 entries"),
        ("cloud.endpoint_url", 5, "cloud.endpoint_url: 5 is not text"),
        ("cloud.extra", 1, "cloud: extra is not known"),
        ("phase", "gone", "phase: 'gone' is none of creating, ready"),
        ("timings", {}, "timings: {} is not a list"),
        ("inventory.hosts.0.role", "king", "inventory.hosts[0].role: 'king' is none of head, compute"),
        ("schema", 99, "it is not of schema 2"),
    ],
)
def test_what_does_not_fit_is_named(path: str, value: Any, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        ClusterRecord.from_json(changed(path, value))
    assert said in str(caught.value)


def test_a_record_of_the_first_schema_is_read() -> None:
    data = json.loads((Path(__file__).parents[1] / "cases" / "records" / "schema-1.json").read_text())
    spec = replace(
        RECORD.spec,
        zones=("us-east-1a",),
        image=ImageChoice(by=ImageBy.ID, value="ami-0123456789abcdef0"),
        ssh_from=("192.0.2.0/24",),
        min_nodes=1,
    )
    assert ClusterRecord.from_json(data) == replace(RECORD, spec=spec)


def test_what_is_missing_is_named() -> None:
    data = RECORD.to_json()
    del data["created"]
    with pytest.raises(ValueError, match="created is missing"):
        ClusterRecord.from_json(data)
