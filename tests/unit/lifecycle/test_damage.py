"""What of a workspace is whole, and what only looks so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.lifecycle.damage import damage_of
from hpcctl.render import cluster_text, render_cluster
from hpcctl.spec.model import Cloud
from hpcctl.workspace import Workspace, write_files
from tests.unit.records import RECORD
from tests.unit.terraform_requests import AWS, ELSEWHERE, cluster_request


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return made(tmp_path, ELSEWHERE)


def made(home: Path, cloud: Cloud) -> Workspace:
    """The folder as ``create`` writes it."""
    workspace = Workspace(home=home, name="demo")
    write_files(workspace.terraform, render_cluster(cluster_request(cloud)))
    workspace.save(replace(RECORD, cloud=cloud))
    return workspace


def test_what_was_rendered_is_whole(tmp_path: Path) -> None:
    for cloud in (AWS, ELSEWHERE):
        assert damage_of(made(tmp_path / cloud.profile, cloud)).files == ()


def test_a_backend_is_looked_at_as_well(tmp_path: Path) -> None:
    workspace = made(tmp_path, AWS)
    (workspace.terraform / "backend.tf").write_text('terraform {\n  backend "s3" {\n    bucket = "hpc')
    assert damage_of(workspace).terraform == ("terraform/backend.tf",)


@pytest.mark.parametrize("name", [*cluster_text(), "endpoint_override.tf", "terraform.tfvars.json"])
def test_half_a_file_is_damage(workspace: Workspace, name: str) -> None:
    path = workspace.terraform / name
    whole = path.read_bytes()
    for left in (whole[: len(whole) // 2], b"\x00\xff" * 40, b""):
        path.write_bytes(left)
        assert damage_of(workspace).terraform == (f"terraform/{name}",)
    path.unlink()
    assert damage_of(workspace).terraform == (f"terraform/{name}",)


def test_a_module_cut_off_between_two_blocks_is_damage(workspace: Workspace) -> None:
    path = workspace.terraform / "main.tf"
    whole = path.read_text()
    path.write_text(whole[: whole.rindex("\nmodule ")])
    assert damage_of(workspace).terraform == ("terraform/main.tf",)
