"""What a cluster's life asks of the account, and what it shows to others: permissions, files, command lines, words."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpcctl.sandbox.calls import Agent
from tests.sandbox.life import Life, lived
from tests.sandbox.policy import ONLY_ON_AWS, PAPER, document

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform]

PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(.+?)-----END", re.DOTALL)
MAY_HOLD_HOST_KEYS = ("terraform/terraform.tfvars.json", "terraform/terraform.tfstate")
"""Beside ssh/: user data is in these, and with it the first host keys, which are worthless after the first contact."""

FROM_TERRAFORM = (".terraform.lock.hcl",)
"""It gives this file a mode of its own; there are checksums of the provider in it, and its folder is closed."""


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield lived(tmp_path_factory.mktemp("life") / "home", monkeypatch)


def test_the_verbs_did_what_they_say(life: Life) -> None:
    expected = {"show": 0, "list": 0, "update-ssh": 0, "stop": 0, "recover": 0, "move": 0, "terminate": 0}
    assert {verb: life.exits[verb] for verb in expected} == expected


def test_the_policy_in_the_docs_is_what_the_calls_need(life: Life) -> None:
    called = {call.permission for call in life.calls if call.agent in (Agent.HPCCTL, Agent.TERRAFORM)}
    assert len(called) > 40
    needed = document(called)
    if os.environ.get("HPCCTL_POLICY"):
        PAPER.write_text(needed, encoding="utf-8")
    assert PAPER.read_text(encoding="utf-8") == needed, "run `make policy`, and read the difference"


def test_nothing_but_hpcctl_and_terraform_called(life: Life) -> None:
    assert {call.agent for call in life.calls} == {Agent.HPCCTL, Agent.TERRAFORM}


def test_the_policy_fits_into_what_iam_takes() -> None:
    """A managed policy has at most 6144 characters, without white space."""
    assert len(re.sub(r"\s", "", PAPER.read_text(encoding="utf-8"))) <= 6144


def test_every_permission_that_no_run_shows_has_its_reason_in_the_paper() -> None:
    paper = (PAPER.parent / "permissions.md").read_text(encoding="utf-8")
    assert [name for name in ONLY_ON_AWS if f"`{name}`" not in paper] == []
    sids = [statement["Sid"] for statement in json.loads(PAPER.read_text(encoding="utf-8"))["Statement"]]
    assert [sid for sid in sids if f"`{sid}`" not in paper] == []


def test_files_are_for_their_owner_alone(life: Life) -> None:
    open_to_others = {
        str(path.relative_to(life.home)): oct(mode)
        for path, mode in life.modes.items()
        if mode & 0o077 and "plugins" not in path.parts and path.name not in FROM_TERRAFORM
    }
    assert open_to_others == {}


def test_private_keys_are_nowhere_but_where_they_are_used(life: Life) -> None:
    holding = {
        str(path.relative_to(life.home)) for path, text in life.texts.items() if PRIVATE_KEY.search(text)
    }
    assert holding
    astray = [path for path in holding if "/ssh/" not in path and not path.endswith(MAY_HOLD_HOST_KEYS)]
    assert astray == []


def secrets_of(life: Life) -> set[str]:
    """Bodies of private keys, as they are and as JSON and base64 lines show them, and the sandbox's path."""
    bodies = {
        line
        for text in life.texts.values()
        for body in PRIVATE_KEY.findall(text.replace("\\n", "\n"))
        for line in body.split()
        if len(line) > 30 and not line.startswith("b3BlbnNzaC1rZXktdjEAAAAABG5vbmU")  # the same in all keys
    }
    assert bodies
    return {*bodies, life.token}


def test_no_command_line_shows_a_secret(life: Life) -> None:
    assert any("terraform" in line for line in life.command_lines)
    secrets = secrets_of(life)
    assert [line for line in life.command_lines if any(secret in line for secret in secrets)] == []


def test_no_log_and_no_output_shows_a_secret(life: Life) -> None:
    logs = {path: text for path, text in life.texts.items() if "log" in path.parts or path.suffix == ".log"}
    assert logs and life.output
    secrets = secrets_of(life)
    told = {**logs, Path("output"): life.output}
    assert [path for path, text in told.items() if any(secret in text for secret in secrets)] == []
