"""``validate``, and ``create`` by a file: what they say, without a cloud."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from hpcctl.errors import Problem, SpecError, TerraformError
from hpcctl.state import ClusterRecord
from tests.unit.cli.conftest import Hpcctl

GOOD = """variable "kind" { default = "c5.xlarge" }

cluster "base" {
  zone = "us-east-1a"
  head {
    type = var.kind
  }
  storage {
    share { size = 50 }
  }
}

cluster "gpu" {
  extends = "base"
  compute "gpu" {
    count = 2
    type  = "p3.2xlarge"
    image = "debian-13"
  }
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own, in which the file is."""
    made = tmp_path / "project"
    made.mkdir()
    monkeypatch.chdir(made)
    (made / "cluster.hcl").write_text(GOOD)
    return made


@pytest.fixture
def lab(home: Path) -> None:
    """A profile that needs no network."""
    home.mkdir(parents=True)
    text = 'profile "lab" {\n  region = "us-east-1"\n  endpoint_url = "http://127.0.0.1:1"\n}\n'
    (home / "config.hcl").write_text(text)


def test_a_file_that_is_right_is_told_in_a_line(hpcctl: Hpcctl, folder: Path, home: Path) -> None:
    said = hpcctl("validate", "cluster.hcl")
    assert said.code == 0, said.err
    assert said.out == "gpu: 1 × c5.xlarge + 2 × p3.2xlarge, 50 GB on /share, us-east-1a, sge\n"
    assert "experimental" in said.err
    assert hpcctl("validate").out == said.out
    assert not home.exists()
    other = hpcctl("validate", "--template", "base", "--set", "kind=m5.large")
    assert other.out == "base: 1 × m5.large, 50 GB on /share, us-east-1a, sge\n"


def test_every_template_is_looked_at_and_every_mistake_told_once(hpcctl: Hpcctl, folder: Path) -> None:
    text = GOOD.replace("us-east-1a", "here") + 'cluster "other" {\n  extends = "base"\n  shell = 1\n}\n'
    (folder / "cluster.hcl").write_text(text)
    said = hpcctl("validate")
    assert said.code == 2
    places = [line.split(": error")[0] for line in said.err.splitlines() if ": error" in line]
    assert places == ["cluster.hcl:4:10", "cluster.hcl:23:11"]
    assert '    4 |   zone = "here"\n      |          ^~~~~~\n' in said.err
    found = json.loads(hpcctl("validate", "--json").out)
    assert found[0] == {
        "file": "cluster.hcl",
        "line": 4,
        "column": 10,
        "length": 6,
        "where": "cluster.hcl:4:10",
        "what": "'here' is not a zone",
        "hint": "expected a region and a letter, such as us-east-1a",
    }
    assert [one["line"] for one in found] == [4, 23]


def test_what_is_right_is_an_empty_list_for_programs(hpcctl: Hpcctl, folder: Path) -> None:
    said = hpcctl("validate", "--json")
    assert (said.code, said.out) == (0, "[]\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nothing.hcl"], "nothing.hcl"),
        (["."], "directory"),
        (["--template", "gup"], "did you mean gpu?"),
        (["--set", "kind"], "NAME=VALUE"),
        (["--set", "knid=x"], "knid"),
        (["--set", "kind=a", "--set", "kind=b"], "twice"),
    ],
)
def test_words_that_make_no_sense_are_told(hpcctl: Hpcctl, folder: Path, words: list[str], told: str) -> None:
    said = hpcctl("validate", *words)
    assert said.code == 2
    assert told in said.err


@pytest.mark.usefixtures("lab")
def test_what_only_aws_can_tell_is_told_at_its_line(
    hpcctl: Hpcctl, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        problems = [
            Problem(where=where, what="no", hint="so") for where in ("compute.gpu.type", "name", "zone")
        ]
        raise SpecError(problems)

    monkeypatch.setattr("hpcctl.aws.preflight", refused)
    said = hpcctl("validate", "--online", "--profile", "lab")
    assert said.code == 2
    assert "cluster.hcl:17:13: error: no" in said.err
    assert "cluster.hcl:4:10: error: no" in said.err
    assert "2 mistakes" in said.err


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the lifecycle's create was asked for; it makes nothing."""
    requests: list[Any] = []

    def create(request: Any, *, context: Any) -> ClusterRecord:
        requests.append(request)
        raise TerraformError("enough")

    monkeypatch.setattr(importlib.import_module("hpcctl.lifecycle.creating"), "create", create)
    return requests


@pytest.mark.usefixtures("lab")
def test_the_file_of_the_folder_is_used_where_only_a_name_is_given(
    hpcctl: Hpcctl, folder: Path, asked: list[Any]
) -> None:
    said = hpcctl("create", "--profile", "lab", "demo")
    assert said.code == 3
    assert "using ./cluster.hcl" in said.err
    spec = asked[0].spec
    assert (spec.name, spec.nodes, spec.zones) == ("demo", 3, ("us-east-1a",))
    assert hpcctl("create", "--profile", "lab", "demo", "5", "c5.large", "9").code == 3
    assert (asked[1].spec.nodes, asked[1].spec.zones, asked[1].spec.share.gib) == (5, (), 9)


@pytest.mark.usefixtures("lab")
def test_words_and_options_win_over_the_file(hpcctl: Hpcctl, folder: Path, asked: list[Any]) -> None:
    (folder / "me.pub").write_text(
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA me\n"
    )
    words = [
        "5",
        "--file",
        "cluster.hcl",
        "--zone",
        "us-east-1c",
        "--set",
        "kind=m5.large",
        "--key",
        "me.pub",
    ]
    assert hpcctl("create", "--profile", "lab", "demo", *words).code == 3
    spec = asked[0].spec
    assert (spec.nodes, spec.zones, spec.head.instance_type) == (5, ("us-east-1c",), "m5.large")
    assert asked[0].key_file == str(folder / "me.pub")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["4"], "missing: TYPE, SHARE_GB"),
        (["4", "c5.large", "50", "--template", "gpu"], "--template is for a cluster file"),
        (["--file", "other.hcl"], "other.hcl"),
    ],
)
def test_half_a_request_is_refused(hpcctl: Hpcctl, folder: Path, words: list[str], told: str) -> None:
    said = hpcctl("create", "demo", *words)
    assert said.code == 2
    assert told in said.err


def test_without_words_and_file_all_three_words_are_missing(
    hpcctl: Hpcctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = hpcctl("create", "demo")
    assert said.code == 2
    assert "missing: NODES, TYPE, SHARE_GB" in said.err
    assert "demo 4 c5.xlarge 50, or --file FILE" in said.err


@pytest.mark.usefixtures("lab")
def test_preflight_finds_fault_with_the_line(
    hpcctl: Hpcctl, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise SpecError([Problem(where="head.type", what="it is not offered", hint="choose another")])

    monkeypatch.setattr("hpcctl.aws.preflight", refused)
    said = hpcctl("create", "--dry-run", "--profile", "lab", "demo")
    assert "cluster.hcl:6:12: error: it is not offered" in said.err
    said = hpcctl("create", "--dry-run", "--profile", "lab", "demo", "2", "c5.xlarge", "50")
    assert "error: TYPE: it is not offered" in said.err


def test_what_a_profile_says_of_every_cluster_lies_under_the_file(
    hpcctl: Hpcctl, folder: Path, home: Path, asked: list[Any]
) -> None:
    home.mkdir(parents=True)
    (home / "config.hcl").write_text(
        """profile "lab" {
  region       = "us-east-1"
  endpoint_url = "http://127.0.0.1:1"
  defaults {
    zone = "us-east-1c"
    user = "alice"
    tags = { made = "here" }
    head { root_size = 33 }
  }
}
"""
    )
    assert hpcctl("--profile", "lab", "create", "demo", "--user", "bob").code == 3
    assert hpcctl("create", "demo", "2", "c5.large", "9", "--profile", "lab").code == 3
    of_file, of_words = asked[0].spec, asked[1].spec
    assert (of_file.zones, of_file.user, of_file.head.root_gib) == (("us-east-1a",), "bob", 33)
    assert (of_words.zones, of_words.user, of_words.head.root_gib) == (("us-east-1c",), "alice", 33)
    assert of_file.tags == of_words.tags == (("made", "here"),)
    assert "us-east-1c" not in hpcctl("validate", "--profile", "lab").out
