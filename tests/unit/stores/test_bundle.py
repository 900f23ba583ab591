"""What of a workspace is shared, and what never is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.errors import StateError
from hpcctl.stores.bundle import gather, pack, put_profile, spread, unpack
from hpcctl.stores.shared import localised
from hpcctl.workspace import write_files
from tests.unit.records import CLOUD

SHARED = {
    "terraform/main.tf": "main",
    "terraform/modules/nodes/main.tf": "nodes",
    "terraform/terraform.tfvars.json": "{}",
    "ssh/known_hosts": "demo-head ssh-ed25519 AAAA",
    "ssh/cluster_ed25519.pub": "ssh-ed25519 AAAA",
}
OWN = {
    "cluster.json": "{}",
    "terraform/terraform.tfstate": "{}",
    "terraform/terraform.tfstate.backup": "{}",
    "terraform/.terraform.lock.hcl": "lock",
    "terraform/.aws_profile": "lab",
    "terraform/adoption.tf": "import",
    "terraform/tfplan": "plan",
    "ssh/id_ed25519": "private",
    "ssh/id_ed25519.pub": "public",
    "ssh/cluster_ed25519": "private",
    "ssh/new_host_keys": "private",
    "log/terraform.log": "log",
}


def test_private_keys_state_and_logs_stay(tmp_path: Path) -> None:
    write_files(tmp_path, {**SHARED, **OWN})
    assert gather(tmp_path) == SHARED


def test_another_machine_gets_the_same_and_keeps_its_own(tmp_path: Path) -> None:
    write_files(tmp_path, {**OWN, "terraform/old.tf": "gone", "terraform/main.tf": "old"})
    spread(tmp_path, unpack(pack(SHARED), "demo"))
    assert gather(tmp_path) == SHARED
    assert {name: (tmp_path / name).read_text() for name in OWN} == OWN


def test_files_outside_of_the_workspace_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="outside"):
        spread(tmp_path / "demo", {"../../etc/cron.d/x": "x"})
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"a": 1}', b"\xff"])
def test_what_is_damaged_in_the_bucket_is_told(body: bytes) -> None:
    with pytest.raises(StateError, match="the shared files of demo are damaged"):
        unpack(body, "demo")


def test_the_profile_is_this_machines_own(tmp_path: Path) -> None:
    put_profile(tmp_path, replace(CLOUD, aws_profile="lab"))
    assert (tmp_path / "terraform" / ".aws_profile").read_text() == "lab\n"
    put_profile(tmp_path, CLOUD)
    assert not (tmp_path / "terraform" / ".aws_profile").exists()


def test_a_colleagues_names_for_places_are_not_taken_over() -> None:
    theirs = replace(CLOUD, profile="theirs", aws_profile="bob", owner="bob", state="s3")
    assert localised(theirs, replace(CLOUD, aws_profile="ada")) == replace(
        CLOUD, aws_profile="ada", owner="bob", state="s3"
    )
