"""The lock of a shared cluster, between two machines: by S3's rules and S3's clock alone."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpcctl import sandbox
from hpcctl.aws.objects import Place, delete, etags, read, write
from hpcctl.errors import ChangedMeanwhile, Locked, LockLost, NoBucket, StateError
from hpcctl.spec.model import S3
from hpcctl.state import Phase
from hpcctl.stores import holding as holding_module
from hpcctl.stores import lease as lease_module
from hpcctl.stores.lease import read_claim
from tests.sandbox.polling import until
from tests.sandbox.team import ACCOUNT, BUCKET, Colleague, remove_bucket
from tests.unit.records import FACTS, RECORD, SPEC

pytestmark = pytest.mark.sandbox
HOLD = """
import sys, time
from pathlib import Path
from hpcctl.workspace import Workspace
with Workspace(home=Path(sys.argv[1]), name="demo").lock("stop"):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def s3(connect: Callable[[str], Any]) -> Iterator[Any]:
    """The bucket, empty."""
    client = connect("s3")
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    yield client
    remove_bucket(client)


@pytest.fixture
def url(sandbox_home: Path) -> str:
    return str(sandbox.cloud(sandbox_home).endpoint_url)


@pytest.fixture
def ada(tmp_path: Path, url: str, s3: Any) -> Colleague:
    """Who has a cluster called demo, which is in the bucket."""
    made = Colleague(folder=tmp_path / "ada", url=url)
    workspace = replace(made.workspace("demo"), cloud=made.cloud)
    with workspace.lock("create"):
        (workspace.terraform).mkdir(parents=True)
        (workspace.terraform / "main.tf").write_text("# nothing\n")
        (workspace.terraform / "backend.tf").write_text("# nothing\n")
        (workspace.path / "ssh").mkdir()
        (workspace.path / "ssh" / "id_ed25519").write_text("a private key")
        workspace.save(replace(RECORD, spec=SPEC, cloud=made.cloud, facts=replace(FACTS, account=ACCOUNT)))
    return made


@pytest.fixture
def bob(tmp_path: Path, url: str, ada: Colleague) -> Colleague:
    """A colleague, whose machine has never seen it."""
    return Colleague(folder=tmp_path / "bob", url=url)


@pytest.fixture
def place(ada: Colleague) -> Place:
    return Place(cloud=ada.cloud, bucket=BUCKET, account=ACCOUNT)


def test_objects_are_written_over_what_was_read_only(place: Place) -> None:
    first = write(place, "x", b"1", over=None)
    with pytest.raises(ChangedMeanwhile):
        write(place, "x", b"2", over=None)
    second = write(place, "x", b"2", over=first)
    with pytest.raises(ChangedMeanwhile):
        write(place, "x", b"3", over=first)
    with pytest.raises(ChangedMeanwhile):
        delete(place, "x", over=first)
    assert etags(place, "x") == {"x": second}
    delete(place, "x", over=second)
    assert read(place, "x") is None
    with pytest.raises(ChangedMeanwhile):
        write(place, "x", b"4", over=second)


def test_an_answer_that_was_lost_is_no_change_by_somebody_else(place: Place) -> None:
    assert write(place, "y", b"1", over=None) == write(place, "y", b"1", over=None)


def test_a_bucket_that_is_gone_is_told(place: Place) -> None:
    with pytest.raises(NoBucket, match="is not there"):
        read(replace(place, bucket="hpcctl-state-gone"), "x")


def test_a_colleague_sees_the_cluster_and_no_private_key(ada: Colleague, bob: Colleague, s3: Any) -> None:
    assert bob.workspace("demo").load() == ada.workspace("demo").load()
    assert (bob.workspace("demo").terraform / "main.tf").read_text() == "# nothing\n"
    assert not bob.workspace("demo").identity.exists()
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert keys == ["clusters/demo/cluster.json", "clusters/demo/files.json"]
    assert b"a private key" not in s3.get_object(Bucket=BUCKET, Key=keys[1])["Body"].read()


def test_what_one_writes_the_other_reads(ada: Colleague, bob: Colleague) -> None:
    there, here = ada.workspace("demo"), bob.workspace("demo")
    with here.lock("stop"):
        here.save(replace(here.load(), phase=Phase.STOPPED))
        (here.path / "ssh").mkdir(exist_ok=True)
        (here.path / "ssh" / "known_hosts").write_text("demo-head ssh-ed25519 AAAA\n")
    assert there.load().phase is Phase.READY  # a copy
    assert there.current().phase is Phase.STOPPED
    assert there.known_hosts.read_text() == "demo-head ssh-ed25519 AAAA\n"


def test_nothing_is_written_without_the_lock(ada: Colleague) -> None:
    workspace = ada.workspace("demo")
    with pytest.raises(StateError, match="without its lock"):
        workspace.save(workspace.load())


@pytest.mark.fault("two hpcctl at once", "on two machines, one shared cluster", "the second names the first")
def test_the_second_is_told_who_works_since_when(ada: Colleague, bob: Colleague) -> None:
    with ada.workspace("demo").lock("stop"):
        refused = r"demo is in use by hpcctl stop \(process \d+ of .+, since 20"
        with pytest.raises(Locked, match=refused), bob.workspace("demo").lock("start"):
            raise AssertionError
        bob.workspace("demo").current()
        busy = bob.workspace("demo").busy()
        assert busy and busy.verb == "stop"
    bob.workspace("demo").current()
    assert bob.workspace("demo").busy() is None
    with bob.workspace("demo").lock("start"):
        pass
    assert bob.workspace("demo").busy() is None


@pytest.mark.fault(
    "kill -9 of hpcctl", "a shared cluster is locked", "this machine goes on at once, others soon"
)
def test_a_dead_process_keeps_no_lock(
    ada: Colleague, bob: Colleague, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "clusters/demo/lock"
    killed = ada.started("-c", HOLD, str(ada.home))
    assert until(lambda: read_claim(place, key), what="the lock")
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    with pytest.raises(Locked, match="hpcctl stop"), bob.workspace("demo").lock("start"):
        raise AssertionError
    monkeypatch.setattr(lease_module, "LEASE_SECONDS", 1.0)
    notes: list[str] = []
    with bob.workspace("demo").lock("start", wait=True, say=notes.append):
        claim = read_claim(place, key)
        assert claim and claim.home == holding_module.machine_id(bob.home)
    monkeypatch.undo()
    killed = ada.started("-c", HOLD, str(ada.home))
    assert until(lambda: read_claim(place, key), what="the lock")
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    with ada.workspace("demo").lock("start"):
        assert read_claim(place, key)
    assert read_claim(place, key) is None


@pytest.mark.fault(
    "a machine sleeps", "a shared cluster is locked", "it notices, and writes nothing any more"
)
def test_who_has_lost_the_lock_writes_nothing_any_more(
    ada: Colleague, bob: Colleague, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_module, "RENEW_SECONDS", 0.2)
    workspace = ada.workspace("demo")
    before = workspace.load()
    with pytest.raises(LockLost, match="has taken it over"), workspace.lock("stop"):
        present = read(place, "clusters/demo/lock")
        assert present
        other = {**json.loads(present.body), "verb": "start", "home": "another", "token": "another"}
        taken = False
        while not taken:
            present = read(place, "clusters/demo/lock")
            assert present
            try:
                write(place, "clusters/demo/lock", json.dumps(other).encode(), over=present.etag)
                taken = True
            except ChangedMeanwhile:
                continue
        until(lambda: False, what="the lock is lost")  # the lease interrupts this, as Ctrl-C would
    kept = read(place, "clusters/demo/lock")
    assert kept and json.loads(kept.body)["token"] == "another"
    delete(place, "clusters/demo/lock")
    assert bob.workspace("demo").current() == before


def test_a_record_that_somebody_else_wrote_is_not_overwritten(ada: Colleague, place: Place) -> None:
    workspace = ada.workspace("demo")
    with (
        pytest.raises(StateError, match="demo was changed by somebody else meanwhile"),
        workspace.lock("stop"),
    ):
        present = read(place, "clusters/demo/cluster.json")
        assert present
        write(place, "clusters/demo/cluster.json", present.body + b"\n", over=present.etag)
        workspace.save(replace(workspace.load(), phase=Phase.STOPPED))
    assert workspace.load().phase is Phase.READY


def test_a_cluster_that_a_colleague_has_terminated_is_forgotten(ada: Colleague, bob: Colleague) -> None:
    workspace = bob.workspace("demo")
    with workspace.lock("terminate"):
        workspace.remove()
    assert ada.workspace("demo").exists()
    listed = ada("list")
    assert "no clusters" in listed.stderr, listed.stderr
    assert not ada.workspace("demo").path.exists()


def test_a_record_that_has_vanished_alone_is_told(ada: Colleague, place: Place) -> None:
    write(place, "clusters/demo/terraform.tfstate", json.dumps({"resources": [{}]}).encode(), over=None)
    delete(place, "clusters/demo/cluster.json")
    with pytest.raises(StateError, match="has vanished from the bucket"):
        ada.workspace("demo").current()
    assert ada.workspace("demo").identity.exists()


@pytest.mark.parametrize("age", ["young", "old"])
def test_what_a_killed_terraform_left_on_another_machine_is_waited_for(
    ada: Colleague, place: Place, age: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "clusters/demo/terraform.tfstate.tflock"
    info = {"Who": "bob@elsewhere", "Operation": "OperationTypeApply", "Created": "2026-01-02T03:04:05.6Z"}
    write(place, key, json.dumps(info).encode(), over=None)
    if age == "old":
        monkeypatch.setattr(holding_module, "ABANDONED_SECONDS", 0.0)
    notes: list[str] = []
    with ada.workspace("demo").lock("start", say=notes.append):
        assert (read(place, key) is None) == (age == "old")
    assert (read(place, key) is None) == (age == "old")
    assert bool(notes) == (age == "old")
    assert age == "young" or "of bob@elsewhere, apply, 2026-01-02T03:04:05" in notes[0]


def test_a_shared_record_says_that_it_is_shared(ada: Colleague) -> None:
    assert ada.workspace("demo").load().cloud.state == S3
