"""A folder that an older crash left half written: told by every verb, with the command that mends it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hpcctl.keys import new_key
from hpcctl.lifecycle.damage import damage_of
from hpcctl.render import render_cluster
from hpcctl.workspace import Workspace, write_files
from tests.unit.cli.conftest import Hpcctl
from tests.unit.records import CLOUD, RECORD
from tests.unit.terraform_requests import cluster_request


@pytest.fixture
def whole(home: Path) -> Workspace:
    """All that `create` writes."""
    workspace = Workspace(home=home, name="demo")
    pair = new_key("x")
    write_files(
        workspace.path / "ssh",
        {
            "id_ed25519": pair.private,
            "cluster_ed25519": pair.private,
            "known_hosts": "demo-head ssh-ed25519 A\n",
        },
    )
    write_files(workspace.terraform, render_cluster(cluster_request(CLOUD)))
    write_files(workspace.log, {"terraform.log": ""})
    workspace.save(RECORD)
    return workspace


def without(name: str) -> Callable[[Workspace], None]:
    def spoil(workspace: Workspace) -> None:
        path = workspace.path / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return spoil


def cut(name: str) -> Callable[[Workspace], None]:
    def spoil(workspace: Workspace) -> None:
        path = workspace.path / name
        path.write_text(path.read_text()[:20])

    return spoil


SPOILT = [
    pytest.param(without("cluster.json"), "cluster.json", id="no record"),
    pytest.param(cut("cluster.json"), "cluster.json", id="half a record"),
    pytest.param(without("terraform"), "terraform/main.tf", id="no terraform folder"),
    pytest.param(without("terraform/modules"), "terraform/modules/access/main.tf", id="no modules"),
    pytest.param(without("terraform/variables.tf"), "terraform/variables.tf", id="no variables"),
    pytest.param(
        cut("terraform/terraform.tfvars.json"), "terraform/terraform.tfvars.json", id="half of the values"
    ),
    pytest.param(without("ssh"), "ssh/id_ed25519", id="no keys"),
    pytest.param(cut("ssh/id_ed25519"), "ssh/id_ed25519", id="half a key"),
    pytest.param(without("ssh/known_hosts"), "ssh/known_hosts", id="no host keys"),
]


def test_a_whole_folder_has_no_damage(whole: Workspace) -> None:
    found = damage_of(whole)
    assert (found.record, found.files, found.access) == (RECORD, (), ())


@pytest.mark.fault(
    "a workspace half written by an older crash",
    "list, show, doctor, terminate",
    "told, with the command that mends it",
)
@pytest.mark.parametrize(("spoil", "lost"), SPOILT)
def test_what_is_lost_is_named_and_no_verb_falls_over(
    hpcctl: Hpcctl, whole: Workspace, spoil: Callable[[Workspace], None], lost: str
) -> None:
    spoil(whole)
    found = damage_of(whole)
    assert lost in (*found.files, *found.access)
    told = {one["check"]: one for one in json.loads(hpcctl("doctor", "--json", "demo").out)}
    assert told["folder"]["result"] == "problem"
    assert told["folder"]["what_to_do"] == "hpcctl recover demo"
    for words in (["list"], ["show", "demo"], ["ssh", "demo", "true"], ["terminate", "--yes", "demo"]):
        said = hpcctl(*words)
        assert "a mistake in hpcctl itself" not in said.err, words
        assert "Traceback" not in said.err
    assert whole.path.exists()
    if found.record is None:
        assert "hpcctl recover demo" in hpcctl("show", "demo").err
