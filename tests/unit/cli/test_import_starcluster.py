"""``hpcctl import-starcluster``: which file, where to, and what is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Hpcctl
from tests.unit.terraform_requests import PUBLIC_KEY

SAMPLE = Path(__file__).parents[2] / "cases" / "starcluster" / "everything.ini"


@pytest.fixture
def usual(home: Path) -> Path:
    path = Path(os.environ["HOME"]) / ".starcluster" / "config"
    path.parent.mkdir()
    path.write_text(SAMPLE.read_text())
    return path


@pytest.mark.usefixtures("usual")
def test_the_usual_file_is_found(hpcctl: Hpcctl) -> None:
    said = hpcctl("import-starcluster")
    assert said.code == 0
    assert 'cluster "largecluster" {' in said.out
    assert "lines of comments" in said.err
    assert "SECRET" not in said.out.replace("AWS_SECRET", "") + said.err


@pytest.mark.parametrize("name", ["sample.hcl", "everything.hcl"])
def test_what_becomes_of_the_guides_examples_is_valid(
    hpcctl: Hpcctl, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there.sh").write_text("#!/bin/sh\n")
    ssh = Path(os.environ["HOME"]) / ".ssh"
    ssh.mkdir()
    (ssh / "here.rsa.pub").write_text(PUBLIC_KEY)
    text = (SAMPLE.parent / name).read_text().replace("/scripts/there.sh", str(tmp_path / "there.sh"))
    (tmp_path / name).write_text(text)
    said = hpcctl("validate", str(tmp_path / name))
    assert said.code == 0, said.err


def test_the_environment_names_another(
    hpcctl: Hpcctl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mine").write_text("[cluster own]\nCLUSTER_SIZE = 1\nNODE_INSTANCE_TYPE = c5.large\n")
    monkeypatch.setenv("STARCLUSTER_CONFIG", str(tmp_path / "mine"))
    assert 'cluster "own" {' in hpcctl("import-starcluster").out


def test_a_file_that_is_there_is_kept(hpcctl: Hpcctl, usual: Path, tmp_path: Path) -> None:
    output = tmp_path / "cluster.hcl"
    output.write_text("mine")
    said = hpcctl("import-starcluster", str(usual), "smallcluster", "--output", str(output))
    assert said.code == 2
    assert "there already" in said.err
    assert output.read_text() == "mine"
    assert hpcctl("import-starcluster", str(usual), "smallcluster", "-o", str(output), "--force").code == 0
    assert output.read_text().count("\ncluster ") == 1


def test_keys_and_scripts_are_named_so_that_any_folder_may_name_them(
    hpcctl: Hpcctl, usual: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssh = Path(os.environ["HOME"]) / ".ssh"
    ssh.mkdir()
    (ssh / "here.rsa.pub").write_text("ssh-ed25519 AAAA")
    (tmp_path / "tune.sh").write_text("#!/bin/sh\n")
    usual.write_text(usual.read_text().replace("/scripts/there.sh", "tune.sh"))
    monkeypatch.chdir(tmp_path)
    text = hpcctl("import-starcluster", str(usual), "smallcluster").out
    assert 'key = "~/.ssh/here.rsa.pub"' in text
    assert f'user_data = ["{tmp_path}/tune.sh"]' in text


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["import-starcluster", "nowhere"], "nowhere cannot be read", "~/.starcluster/config"),
        (
            ["import-starcluster", "USUAL", "smallclustr"],
            "no [cluster smallclustr]",
            "did you mean smallcluster",
        ),
    ],
)
def test_what_is_not_there_is_told(
    hpcctl: Hpcctl, usual: Path, words: list[str], message: str, hint: str
) -> None:
    said = hpcctl(*[str(usual) if word == "USUAL" else word for word in words])
    assert said.code == 2
    assert message in said.err
    assert hint in said.err
