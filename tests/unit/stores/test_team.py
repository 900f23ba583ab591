"""Which clusters a bucket has, as far as the caller may know; a record that is not what its place says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.aws.objects import Place, Stored
from hpcctl.errors import CloudError, NoBucket, StateError
from hpcctl.stores import shared, team
from hpcctl.stores.shared import SharedCluster
from hpcctl.stores.team import SharedNames, shared_names
from tests.unit.records import CLOUD, RECORD

ACCOUNT = "123456789012"
PLACE = Place(cloud=CLOUD, bucket=f"hpcctl-state-{ACCOUNT}-us-east-1", account=ACCOUNT)


def answering(found: dict[str, str] | Exception) -> Callable[[Place, str], dict[str, str]]:
    """A bucket, asked once."""
    asked: list[Place] = []

    def answer(place: Place, _prefix: str) -> dict[str, str]:
        assert not asked
        asked.append(place)
        assert place == PLACE
        if isinstance(found, Exception):
            raise found
        return found

    return answer


def test_a_cluster_is_there_by_its_record_or_its_state(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = ("wing/cluster.json", "wing/lock", "tail/terraform.tfstate", "gone/lock", "gone/files.json")
    monkeypatch.setattr(team, "etags", answering({f"clusters/{key}": "etag" for key in keys}))
    assert shared_names(CLOUD, ACCOUNT) == SharedNames(names=frozenset({"wing", "tail"}))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NoBucket("it is not there"), SharedNames()),
        (CloudError("closed to you", code="AccessDenied"), SharedNames(problem="closed to you")),
    ],
)
def test_no_bucket_and_a_closed_one_have_no_names(
    monkeypatch: pytest.MonkeyPatch, error: Exception, expected: SharedNames
) -> None:
    monkeypatch.setattr(team, "etags", answering(error))
    assert shared_names(CLOUD, ACCOUNT) == expected


def test_a_bucket_that_does_not_answer_is_not_taken_for_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "etags", answering(CloudError("slow down", code="SlowDown")))
    with pytest.raises(CloudError, match="slow down"):
        shared_names(CLOUD, ACCOUNT)


def test_a_record_of_another_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(RECORD, spec=replace(RECORD.spec, name="other"))
    body = json.dumps(other.to_json()).encode()
    monkeypatch.setattr(shared, "read", lambda *_: Stored(body=body, etag="etag", age_seconds=1))
    cluster = SharedCluster(folder=tmp_path / "demo", name="demo", place=PLACE)
    with pytest.raises(StateError, match="is damaged: it is the record of 'other', not of 'demo'"):
        cluster.record()
    (cluster.folder / "terraform").mkdir(parents=True)
    (cluster.folder / "terraform" / "backend.tf").write_text("# nothing\n")
    with pytest.raises(StateError, match="is damaged"):
        cluster.pull({"cluster.json": "etag"})
    assert not (tmp_path / "demo" / "cluster.json").exists()
