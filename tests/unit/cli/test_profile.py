"""hpcctl profile: what is listed, shown and written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Hpcctl


@pytest.fixture(autouse=True)
def written(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config.hcl with one profile, and no AWS CLI."""
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(home / "none"))
    home.mkdir()
    path = home / "config.hcl"
    path.write_text(
        '# places\nprofile "lab" {\n  region = "eu-west-1"\n  owner  = "alice"\n'
        "  defaults {\n    min_nodes = 2\n    head {\n      root_size = 30\n    }\n  }\n}\n"
    )
    return path


def test_the_list_marks_the_one_that_is_used(hpcctl: Hpcctl) -> None:
    assert hpcctl("profile", "list").out == (
        "   NAME     REGION     FROM        AWS PROFILE  STATE\n"
        "   lab      eu-west-1  config.hcl  -            local\n"
        "*  aws      -          built in    -            local\n"
        "   sandbox  -          built in    -            local\n"
    )
    found = json.loads(hpcctl("--profile", "lab", "profile", "list", "--json").out)
    assert [(one["name"], one["from"], one["chosen"]) for one in found] == [
        ("lab", "config.hcl", True),
        ("aws", "built in", False),
        ("sandbox", "built in", False),
    ]


def test_use_changes_the_file_and_what_is_shown(
    hpcctl: Hpcctl, written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = written.read_text()
    assert hpcctl("profile", "use", "lab").code == 0
    assert written.read_text() == 'default_profile = "lab"\n\n' + before
    shown = json.loads(hpcctl("profile", "show", "--json").out)
    assert (shown["name"], shown["region"], shown["owner"]) == ("lab", "eu-west-1", "alice")
    assert shown["from"] == "config.hcl"
    assert shown["defaults"] == ["min_nodes", "head"]
    assert (shown["account"], shown["arn"]) == (None, None)
    assert "defaults       min_nodes, head\n" in hpcctl("profile", "show").out
    monkeypatch.setenv("HPCCTL_PROFILE", "aws")
    assert "HPCCTL_PROFILE=aws is set" in hpcctl("profile", "use", "lab").err


def test_mistakes_of_the_file_are_shown_with_their_lines(hpcctl: Hpcctl, written: Path) -> None:
    written.write_text('profile "lab" {\n  regoin = "x"\n}\n')
    said = hpcctl("profile", "list")
    assert said.code == 2
    assert said.err == (
        f'{written}:2:3: error: regoin is not known in profile "lab"\n'
        '    2 |   regoin = "x"\n      |   ^~~~~~\n hint: did you mean region?\n'
    )


def test_a_name_that_there_is_not_is_answered_with_the_nearest(hpcctl: Hpcctl) -> None:
    said = hpcctl("profile", "use", "labb")
    assert (said.code, "did you mean lab?" in said.err) == (2, True)
    assert "no profile is called 'labb'" in hpcctl("profile", "show", "labb").err
