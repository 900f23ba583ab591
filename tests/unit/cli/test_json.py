"""``--json`` of every verb, held to docs/json.md."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from hpcctl.cli.main import cli
from hpcctl.lifecycle.configuring import Change, CheckResult, Outcome
from hpcctl.lifecycle.costing import Cost, Costs
from hpcctl.lifecycle.renewing import Renewal, Renewed
from hpcctl.lifecycle.starting import Started
from hpcctl.lifecycle.stopping import Stopped
from hpcctl.workspace import Workspace
from tests.unit.cli.conftest import Hpcctl
from tests.unit.records import RECORD

PAPER = Path(__file__).parents[3] / "docs" / "json.md"
LIST = "hpcctl list"


def documented() -> dict[str, set[str]]:
    """{command: the keys that its section names}; ``show`` has those of ``list`` as well."""
    found: dict[str, set[str]] = {}
    for section in PAPER.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        command = re.sub(r" [A-Z].*", "", title.strip("`"))
        found[command] = set(re.findall(r"`([a-z_.\[\]]+)`", body))
        if f"`{LIST}`" in body:
            found[command] |= found[LIST]
    return found


def verbs_with_json() -> Iterator[str]:
    def below(name: str, command: click.Command) -> Iterator[str]:
        if isinstance(command, click.Group):
            for inner in command.list_commands(click.Context(command)):
                found = command.get_command(click.Context(command), inner)
                assert found
                yield from below(f"{name} {inner}", found)
        elif any("--json" in parameter.opts for parameter in command.params):
            yield name

    yield from below("hpcctl", cli)


def test_every_verb_that_has_json_is_in_the_paper() -> None:
    assert set(verbs_with_json()) - set(documented()) == set()


def _lifecycle(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the verbs tell of, without machines: every part of every answer is there."""
    costs = Costs(items=(Cost(what="/share", amount="50 GB gp3", usd=4.0),), day="2026-01-02")
    check = CheckResult(host="head", check="nfs", passed=True, seconds=0.1)
    outcome = Outcome(changes=(Change(host="head", step="nfs"),), unchanged=3, checks=(check,), failures=())
    answers: dict[str, Callable[..., Any]] = {
        "stopping.stop": lambda *_, **__: Stopped(already=False, costs=costs),
        "starting.start": lambda *_, **__: Started(record=RECORD, already=False),
        "restarting.restart": lambda *_, **__: (RECORD, ("head", "node001")),
        "checking.check": lambda *_, **__: (check,),
        "reconfiguring.configure": lambda *_, **__: outcome,
        "terminating.terminate": lambda *_, **__: None,
        "renewing.renew": lambda *_, **__: Renewal(
            clusters=(Renewed(name="demo"),), strangers=(), warnings=()
        ),
    }
    for place, answer in answers.items():
        monkeypatch.setattr(f"hpcctl.lifecycle.{place}", answer)


@pytest.mark.parametrize(
    "words",
    [
        "list",
        "show demo",
        "hosts --offline",
        "check demo",
        "configure demo",
        "stop demo",
        "start demo",
        "restart demo",
        "terminate --yes demo",
        "update-ssh",
        "doctor demo",
        "sandbox status",
        "sandbox image list",
        "--version",
    ],
)
@pytest.mark.usefixtures("demo")
def test_the_keys_are_those_of_the_paper(words: str, hpcctl: Hpcctl, monkeypatch: pytest.MonkeyPatch) -> None:
    _lifecycle(monkeypatch)
    said = hpcctl(*words.split(), "--json")
    paper = documented()
    command = max((each for each in paper if f"hpcctl {words} ".startswith(f"{each} ")), key=len)
    found = keys_of_document(said.out)
    assert found <= paper[command]
    if words.split(maxsplit=1)[0] in _COMPLETE:
        assert {key for key in paper[command] - found if "." not in key and "[" not in key} == set()


def keys_of_document(text: str) -> set[str]:
    return set(_keys(json.loads(text), ""))


_COMPLETE = ("list", "show", "hosts", "stop", "start", "restart", "terminate", "update-ssh", "--version")
"""Verbs whose whole answer is here: the paper promises nothing else."""

_BY_NAME = {"image_ids", "volumes", "instances"}
"""Objects whose keys are names of the user's or AWS's, not ours."""


def _keys(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict) and path not in _BY_NAME:
        for key, inner in value.items():
            yield from _keys(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        if path and not value:
            return
        for each in value:
            yield from _keys(each, f"{path}[]" if path else "")
    elif path:
        yield path


@pytest.mark.usefixtures("demo")
def test_several_are_an_array_with_names(hpcctl: Hpcctl, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _lifecycle(monkeypatch)
    Workspace(home=home, name="wing").save(RECORD)
    for verb in ("stop", "start", "restart", "terminate", "check", "configure", "show"):
        words = ["*"] if verb != "terminate" else ["*", "--yes"]
        found = json.loads(hpcctl(verb, *words, "--json").out)
        assert [one["name"] for one in found] == ["demo", "wing"], verb
