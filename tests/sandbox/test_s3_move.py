"""A cluster moved into the bucket and back; killed at every single write, the same command finishes it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpcctl import sandbox
from hpcctl.aws import objects as objects_module
from hpcctl.aws import session
from hpcctl.errors import StateError
from hpcctl.lifecycle import sharing
from hpcctl.lifecycle.moving import move
from hpcctl.render import render_cluster
from hpcctl.spec.model import LOCAL, S3
from hpcctl.spec.shared import SEEN
from hpcctl.workspace import write_files
from tests.sandbox.team import ACCOUNT, BUCKET, Colleague, objects, remove_bucket
from tests.unit.records import FACTS, RECORD
from tests.unit.terraform_requests import cluster_request

pytestmark = pytest.mark.sandbox
STATE = {"version": 4, "serial": 7, "lineage": "one-and-the-same", "resources": [{"type": "aws_instance"}]}
KILLED = 9


@pytest.fixture
def s3(connect: Callable[[str], Any]) -> Iterator[Any]:
    """The bucket, without versions: what is removed is gone."""
    client = connect("s3")
    client.create_bucket(Bucket=BUCKET)
    yield client
    remove_bucket(client)


@pytest.fixture(autouse=True)
def _bucket_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its settings are another test's; here it is objects that count."""
    monkeypatch.setattr(sharing, "is_complete", lambda place: True)


@pytest.fixture
def ada(tmp_path: Path, sandbox_home: Path, s3: Any) -> Colleague:
    """Who has a cluster called demo, on one machine only."""
    url = str(sandbox.cloud(sandbox_home).endpoint_url)
    made = Colleague(folder=tmp_path / "ada", url=url)
    cloud = replace(made.cloud, state=LOCAL)
    workspace = made.workspace("demo")
    write_files(workspace.terraform, render_cluster(cluster_request(cloud)))
    write_files(workspace.terraform, {"terraform.tfstate": json.dumps(STATE)})
    write_files(workspace.path / "ssh", {"id_ed25519": "private", "known_hosts": "demo-head ssh-ed25519 A\n"})
    workspace.save(replace(RECORD, cloud=cloud, facts=replace(FACTS, account=ACCOUNT)))
    return made


@pytest.fixture
def bob(tmp_path: Path, ada: Colleague) -> Colleague:
    return Colleague(folder=tmp_path / "bob", url=ada.url)


def files(colleague: Colleague) -> dict[str, str]:
    """The workspace's files, but for Terraform's log and what a killed process was just writing."""
    root = colleague.workspace("demo").path
    found = (path for path in root.rglob("*") if path.is_file() and "log" not in path.relative_to(root).parts)
    kept = (path for path in found if not path.name.startswith(".") or path.name == SEEN)
    return {str(path.relative_to(root)): path.read_text() for path in kept}


def require_shared(ada: Colleague, s3: Any) -> None:
    there = objects(s3)
    assert set(there) == {
        f"clusters/demo/{part}" for part in ("cluster.json", "files.json", "terraform.tfstate")
    }
    assert json.loads(there["clusters/demo/terraform.tfstate"]) == STATE
    record = ada.workspace("demo").load()
    assert (record.cloud.state, record.moving) == (S3, None)
    assert f'"{BUCKET}"' in (ada.workspace("demo").terraform / "backend.tf").read_text()
    assert not list(ada.workspace("demo").terraform.glob("terraform.tfstate*"))
    assert ada.workspace("demo").identity.read_text() == "private"


def require_own(ada: Colleague, s3: Any, before: dict[str, str]) -> None:
    assert set(objects(s3)) <= {
        "clusters/demo/lock"
    }  # of a process that died before it had begun to move anything
    assert files(ada) == before


def test_there_and_back_changes_nothing(ada: Colleague, bob: Colleague, s3: Any) -> None:
    before = files(ada)
    assert move("demo", to=S3, context=ada.context())
    require_shared(ada, s3)
    assert not move("demo", to=S3, context=ada.context())
    assert bob.workspace("demo").load() == ada.workspace("demo").load()
    assert "demo" in bob("list").stdout
    assert move("demo", to=LOCAL, context=ada.context())
    require_own(ada, s3, before)
    assert not move("demo", to=LOCAL, context=ada.context())
    assert "no clusters" in bob("list").stderr


def test_a_colleague_can_take_it_to_their_own_machine(ada: Colleague, bob: Colleague, s3: Any) -> None:
    move("demo", to=S3, context=ada.context())
    move("demo", to=LOCAL, context=bob.context())
    assert objects(s3) == {}
    assert json.loads((bob.workspace("demo").terraform / "terraform.tfstate").read_text()) == STATE
    assert bob.workspace("demo").load().cloud.state == LOCAL
    assert "no clusters" in ada("list").stderr


def test_a_name_that_is_taken_in_the_bucket_is_refused(ada: Colleague, bob: Colleague, s3: Any) -> None:
    shutil.copytree(ada.home / "clusters", bob.home / "clusters")
    path = bob.workspace("demo").record_path
    path.write_text(path.read_text().replace(RECORD.cluster_id, "ffffffff"))
    move("demo", to=S3, context=ada.context())
    before = files(bob)
    with pytest.raises(StateError, match="has another cluster called demo"):
        move("demo", to=S3, context=bob.context())
    assert files(bob) == before
    assert "demo" in bob("list").stdout


def killed_at(ada: Colleague, number: int, to: str) -> bool:
    """A move in a process that dies at its ``number``-th write, of whatever kind; False if it has fewer."""
    child = os.fork()
    if child == 0:
        session._cached_client.cache_clear()  # the parent's connections are not ours
        count = 0

        def dying(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*words: Any, **more: Any) -> Any:
                nonlocal count
                count += 1
                if count == number:
                    os._exit(KILLED)
                return real(*words, **more)

            return call

        os.replace = dying(os.replace)  # type: ignore[assignment]
        os.unlink = dying(os.unlink)  # type: ignore[assignment]
        objects_module._conditional = dying(objects_module._conditional)
        status = 1
        try:
            move("demo", to=to, context=ada.context())
            status = 0
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(ended)
    assert code in (0, KILLED)
    return code == KILLED


@pytest.mark.parametrize("other_way", [False, True], ids=["the same command", "taken back"])
@pytest.mark.parametrize("to", [S3, LOCAL])
@pytest.mark.fault(
    "kill -9 of hpcctl", "move: every write", "the same command finishes it; one truth at any time"
)
def test_killed_at_every_write_a_move_can_be_finished(
    ada: Colleague, bob: Colleague, s3: Any, to: str, other_way: bool
) -> None:
    own = files(ada)
    back = LOCAL if to == S3 else S3
    if to == LOCAL:
        move("demo", to=S3, context=ada.context())
    number = 1
    while killed_at(ada, number, to):
        number += 1
        if "clusters/demo/cluster.json" in objects(s3):
            record = bob.workspace("demo").current()
            assert record.cluster_id == RECORD.cluster_id
            assert json.loads(objects(s3)["clusters/demo/terraform.tfstate"]) == STATE
        here = ada.workspace("demo")
        if here.load().moving:
            with pytest.raises(StateError, match="demo is being moved"), here.lock("stop"):
                raise AssertionError
        target = back if other_way else to
        move("demo", to=target, context=ada.context())
        require_shared(ada, s3) if target == S3 else require_own(ada, s3, own)
        if target == to:
            move("demo", to=back, context=ada.context())
    assert number > 8  # it is really every write that was tried
