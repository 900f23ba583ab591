"""Clusters that lived in a sandbox that is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hpcctl.sandbox.forget import forget_clusters
from hpcctl.workspace import Workspace, workspaces
from tests.unit.records import CLOUD, RECORD


def _make(home: Path, name: str, profile: str) -> None:
    workspace = Workspace(home=home, name=name)
    workspace.path.mkdir(parents=True)
    spec = replace(RECORD.spec, name=name)
    workspace.save(replace(RECORD, spec=spec, cloud=replace(CLOUD, profile=profile)))


def _base(home: Path, name: str, text: str) -> Path:
    folder = home / "base" / name / "terraform"
    folder.mkdir(parents=True)
    (folder / "endpoint_override.tf").write_text(text)
    return folder.parent


def test_only_the_sandboxs_clusters_are_forgotten(tmp_path: Path) -> None:
    _make(tmp_path, "here", "sandbox")
    _make(tmp_path, "there", "aws")
    (tmp_path / "clusters" / "damaged").mkdir()
    (tmp_path / "clusters" / "damaged" / "cluster.json").write_text("{")
    assert forget_clusters(tmp_path) == ("here",)
    assert [workspace.name for workspace in workspaces(tmp_path)] == ["damaged", "there"]
    assert forget_clusters(tmp_path) == ()


def test_only_the_sandboxs_base_is_forgotten(tmp_path: Path) -> None:
    local = _base(tmp_path, "123456789012-us-east-1", 'ec2 = "http://127.0.0.1:4599"')
    elsewhere = _base(tmp_path, "210987654321-us-east-1", 'ec2 = "https://ec2.example.com"')
    real = tmp_path / "base" / "111111111111-us-east-1"
    (real / "terraform").mkdir(parents=True)
    forget_clusters(tmp_path)
    assert (local.exists(), elsewhere.exists(), real.exists()) == (False, True, True)


def test_a_home_without_clusters_has_nothing_to_forget(tmp_path: Path) -> None:
    assert forget_clusters(tmp_path) == ()
