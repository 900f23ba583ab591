"""A shared cluster with the real Terraform: its state in the bucket, seen, moved and taken away from two machines."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hpcctl import sandbox
from hpcctl.aws import instances_of
from hpcctl.lifecycle.terraforming import planned_changes
from hpcctl.sandbox.calls import Agent
from hpcctl.sandbox.client import SandboxClient
from hpcctl.spec.model import LOCAL, S3
from tests.sandbox.gates import terraform_waits, until_held
from tests.sandbox.team import ACCOUNT, BUCKET, PROFILE, Colleague, objects, remove_bucket

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform]
TFLOCK = "clusters/wing/terraform.tfstate.tflock"
STATE = "clusters/wing/terraform.tfstate"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/hpc"
CREATE = ("--profile", PROFILE, "create", "wing", "2", "c5.xlarge", "4")


@pytest.fixture(scope="module")
def s3(connect: Callable[[str], Any]) -> Iterator[Any]:
    client = connect("s3")
    yield client
    remove_bucket(client)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory, sandbox_home: Path) -> tuple[Colleague, Colleague]:
    url = str(sandbox.cloud(sandbox_home).endpoint_url)
    folder = tmp_path_factory.mktemp("team")
    return tuple(Colleague(folder=folder / name, url=url, role=ROLE) for name in ("ada", "bob"))  # type: ignore[return-value]


@pytest.fixture(scope="module")
def notes(team: tuple[Colleague, Colleague], s3: Any, sandbox_home: Path) -> Iterator[list[str]]:
    """Ada makes a cluster, is killed together with her Terraform, and says it again: what she was told then."""
    ada, bob = team
    service = sandbox.running(sandbox_home)
    assert service
    control = SandboxClient(url=service.url)
    killed = ada.started("-m", "hpcctl", *CREATE)
    try:
        with terraform_waits(control, "DescribeInstances"):
            until_held(control)
            os.killpg(killed.pid, signal.SIGKILL)
            killed.wait()
            refused = bob("terminate", "--yes", "wing")
            assert refused.returncode == 1
            assert "wing is in use by hpcctl create" in refused.stderr
            os.killpg(int((ada.workspace("wing").log / "terraform.pid").read_text()), signal.SIGKILL)
        assert _has(s3, TFLOCK)
        yield ada.create("wing")
    finally:
        killed.kill()
        killed.wait()
        ada("terminate", "--yes", "--missing-ok", "wing")


def _has(s3: Any, key: str) -> bool:
    """Only by the list: an object that is in it may be gone a moment later."""
    try:
        return bool(s3.list_objects_v2(Bucket=BUCKET, Prefix=key).get("KeyCount"))
    except s3.exceptions.NoSuchBucket:
        return False


@pytest.fixture(scope="module")
def ada(team: tuple[Colleague, Colleague], notes: list[str]) -> Colleague:
    """Who has the cluster, as far as it gets without machines."""
    return team[0]


@pytest.fixture(scope="module")
def bob(team: tuple[Colleague, Colleague], ada: Colleague) -> Colleague:
    return team[1]


@pytest.mark.fault(
    "kill -9 of hpcctl and its Terraform",
    "create of a shared cluster",
    "the same create finishes it; no lock stays",
)
def test_a_create_that_was_killed_is_finished(ada: Colleague, s3: Any, notes: list[str]) -> None:
    assert any("removed a lock that a killed Terraform had left" in note for note in notes)
    record = ada.workspace("wing").load()
    nodes = Counter(one.node for one in instances_of(record.cloud, record.cluster_id))
    assert nodes == {"head": 1, "node001": 1}
    there = objects(s3)
    assert {key for key in there if "/wing/" in key} == {
        "clusters/wing/cluster.json",
        "clusters/wing/files.json",
        STATE,
    }
    assert not list(ada.workspace("wing").terraform.glob("terraform.tfstate*"))
    private = ada.workspace("wing").identity.read_bytes()
    assert not [key for key, body in there.items() if private in body]


def test_all_of_it_was_done_in_the_role_of_the_profile(ada: Colleague, sandbox_home: Path) -> None:
    service = sandbox.running(sandbox_home)
    assert service
    calls = SandboxClient(url=service.url).calls()
    assert {Agent.HPCCTL, Agent.TERRAFORM} <= {one.agent for one in calls if one.action == "AssumeRole"}
    assert f'role_arn     = "{ROLE}"' in (ada.workspace("wing").terraform / "backend.tf").read_text()
    shown = json.loads(ada("profile", "show", PROFILE, "--online", "--json").stdout)
    assert shown["role_arn"] == ROLE
    assert shown["account"] == ACCOUNT
    assert shown["arn"].startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/hpc/hpcctl-")


def test_the_bucket_keeps_versions_and_is_closed(s3: Any, ada: Colleague) -> None:
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values())
    rules = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] in ("AES256", "aws:kms")
    policy = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    assert {"Bool": {"aws:SecureTransport": "false"}} in [one["Condition"] for one in policy["Statement"]]
    assert s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]


def test_a_machine_that_never_saw_it_shows_it(ada: Colleague, bob: Colleague) -> None:
    assert [one["name"] for one in json.loads(bob("list", "--json").stdout)] == ["wing"]
    shown = json.loads(bob("show", "wing", "--json").stdout)
    told = json.loads(ada("show", "wing", "--json").stdout)
    growing = ("age_seconds", "hours_running", "usd_so_far")
    assert {**shown, **{key: told[key] for key in growing}} == {**told, "hosts": shown["hosts"]}
    assert [host["state"] for host in shown["hosts"]] == ["running", "running"]


@pytest.mark.fault(
    "a profile that does not share",
    "recover, doctor --orphans --remove of a shared cluster",
    "no second record, nothing is removed",
)
def test_a_profile_that_does_not_share_makes_no_second_record(
    ada: Colleague, bob: Colleague, tmp_path: Path, control: SandboxClient
) -> None:
    eve = Colleague(folder=tmp_path / "eve", url=str(ada.cloud.endpoint_url), state=LOCAL)
    control.clear_calls()
    refused = eve("--profile", PROFILE, "recover", "wing")
    assert refused.returncode == 1
    assert f"wing is shared: its record is in the bucket {BUCKET}" in refused.stderr
    assert 'put state = "s3" into the profile team' in refused.stderr
    assert not eve.workspace("wing").record_path.exists()
    calls = {call.action: call.count for call in control.calls() if call.agent == "hpcctl"}
    assert (calls["ListBucket"], calls["GetObject"]) == (1, 1)
    named = eve("--profile", PROFILE, "update-ssh").stderr
    assert "shared: wing (2 nodes, team, us-east-1)" in named
    assert "recover" not in named
    removing = ("--profile", PROFILE, "doctor", "--orphans", "--remove", "--yes", "--min-age", "0")
    left = eve(*removing, "--json")
    assert left.returncode == 0, left.stderr
    assert "removed: wing" not in left.stderr
    assert {one["name"]: one["verdict"] for one in json.loads(left.stdout)}["wing"] == "shared"
    record = ada.workspace("wing").load()
    assert len(instances_of(record.cloud, record.cluster_id)) == 2


def test_looking_costs_the_same_however_often(bob: Colleague, control: SandboxClient) -> None:
    """One list of the bucket; what has not changed is not fetched again."""
    bob("list")
    control.clear_calls()
    bob("list")
    calls = {call.action: call.count for call in control.calls() if call.agent == "hpcctl"}
    assert calls.get("ListBucket", 0) == 1
    assert calls.get("GetObject", 0) == 0


def test_it_moves_to_one_machine_and_back_and_terraform_sees_no_change(ada: Colleague, s3: Any) -> None:
    before = json.loads(objects(s3)[STATE])
    moved = ada("move", "wing", "--to", LOCAL)
    assert moved.returncode == 0, moved.stderr
    assert not [key for key in objects(s3) if "/wing/" in key]
    state = json.loads((ada.workspace("wing").terraform / "terraform.tfstate").read_text())
    assert (state["lineage"], state["serial"]) == (before["lineage"], before["serial"])
    folder = ada.workspace("wing").terraform
    assert planned_changes(folder, {}, size=2, context=ada.context()) == ()
    moved = ada("move", "wing", "--to", S3)
    assert moved.returncode == 0, moved.stderr
    assert json.loads(objects(s3)[STATE])["lineage"] == before["lineage"]
    assert planned_changes(folder, {}, size=2, context=ada.context()) == ()


@pytest.mark.fault(
    "cluster.json vanished from the bucket", "any verb", "it is told, and recover writes it again"
)
def test_a_record_that_vanished_from_the_bucket_is_written_again(
    ada: Colleague, bob: Colleague, s3: Any
) -> None:
    s3.delete_object(Bucket=BUCKET, Key="clusters/wing/cluster.json")
    told = ada("terminate", "--yes", "wing")
    assert told.returncode == 1
    assert "has vanished from the bucket" in told.stderr
    assert "hpcctl recover wing" in told.stderr
    found = ada("recover", "wing")
    assert found.returncode == 0, found.stderr
    assert bob.workspace("wing").current() == ada.workspace("wing").load()


def test_a_colleague_takes_it_away(ada: Colleague, bob: Colleague, s3: Any) -> None:
    record = ada.workspace("wing").load()
    gone = bob("terminate", "--yes", "wing")
    assert gone.returncode == 0, gone.stderr
    assert not [key for key in objects(s3) if "/wing/" in key]
    assert not instances_of(record.cloud, record.cluster_id)
    assert json.loads(ada("list", "--json").stdout) == []
    assert not ada.workspace("wing").path.exists()
    assert not list((ada.home / "clusters").glob("wing*"))
