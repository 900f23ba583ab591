"""A record from elsewhere: what it says goes into ssh configurations and to shells."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from hpcctl.state import ClusterRecord
from tests.unit.records import RECORD


def changed(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(json.dumps(RECORD.to_json()))
    change(data)
    return data


def test_a_record_comes_back_as_it_was() -> None:
    assert ClusterRecord.from_json(RECORD.to_json()) == RECORD


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda data: data["spec"].update(name="ev $(touch /tmp/x)"), "cannot be the name of a cluster"),
        (lambda data: data["spec"].update(name="../../evil"), "cannot be the name of a cluster"),
        (
            lambda data: data["spec"].update(user="hpc\n    ProxyCommand touch /tmp/x"),
            "cannot be a Linux user",
        ),
        (lambda data: data["spec"].update(user="root"), "belongs to the system"),
        (lambda data: data["inventory"]["hosts"][1].update(name="node1;id"), "cannot be the name of a node"),
        (lambda data: data["inventory"]["hosts"][0].update(public_ip="1.2.3.4 -o x"), "is not an address"),
        (lambda data: data["inventory"]["hosts"][0].update(private_ip="host.evil"), "is not an address"),
        (lambda data: data["inventory"]["volumes"][0].update(volume_id="vol-1; rm"), "is not the id"),
        (lambda data: data.update(cluster_id="a b"), "cluster_id"),
        (lambda data: data.update(schema=3), "newer"),
    ],
)
def test_hostile_words_are_refused(change: Callable[[dict[str, Any]], None], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        ClusterRecord.from_json(changed(change))
