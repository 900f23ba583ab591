"""Exit codes, errors without tracebacks, help, and that nothing heavy is imported."""

from __future__ import annotations

import importlib
import json
import platform
import subprocess
import sys
from pathlib import Path

import click
import pytest

from hpcctl import __version__
from hpcctl.cli import main
from hpcctl.cli.main import ALIASES, VERBS, cli
from tests.unit.cli.conftest import Hpcctl

HEAVY = ("boto3", "botocore", "rich", "jinja2", "fabric", "paramiko", "hcl2", "moto", "python_terraform")


def verb(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found
    return found


@pytest.mark.parametrize("name", [name for name in VERBS if name != "sandbox"])
def test_every_verb_has_help_with_examples_and_begins_as_in_the_list(hpcctl: Hpcctl, name: str) -> None:
    said = hpcctl(name, "--help")
    assert said.code == 0
    assert f"Examples:\n    hpcctl {name}" in said.out
    assert verb(name).get_short_help_str(200).split()[0] == VERBS[name].help.split()[0]


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_aliases_are_the_same_commands(alias: str, name: str) -> None:
    assert verb(alias) is verb(name)


def test_no_words_mean_help(hpcctl: Hpcctl) -> None:
    said = hpcctl()
    assert said.code == 0
    assert "Commands:" in said.out


def test_the_version_is_told(hpcctl: Hpcctl) -> None:
    first, terraform, provider, python = hpcctl("--version").out.splitlines()
    assert first == f"hpcctl {__version__}"
    assert terraform.startswith(("Terraform ", "OpenTofu "))
    assert provider.startswith("AWS provider ")
    assert python == f"Python {platform.python_version()}"


def test_versions_are_told_where_there_is_no_terraform(
    hpcctl: Hpcctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HPCCTL_TERRAFORM", "/nowhere/terraform")
    said = hpcctl("--version")
    assert said.code == 0
    assert "Terraform not found: there is no program /nowhere/terraform" in said.out
    told = json.loads(hpcctl("--version", "--json").out)
    assert told["hpcctl"] == __version__
    assert told["terraform"] is None


def test_json_of_the_group_is_for_the_version_alone(hpcctl: Hpcctl) -> None:
    said = hpcctl("--json", "list")
    assert said.code == 2
    assert "hpcctl list --json" in said.err


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["shw"], "there is no command 'shw'", "did you mean show"),
        (["zzz"], "there is no command 'zzz'", "hpcctl --help"),
        (["list", "--nope"], "no such option", "hpcctl list --help"),
        (["create"], "missing argument 'NAME'", "hpcctl create --help"),
        (["create", "demo", "-1", "c5.xlarge", "4"], "not negative", "at least 1 node"),
        (["show"], "missing argument 'NAME...'", "hpcctl show --help"),
        (["terminate", "--yes"], "missing argument", "hpcctl terminate --help"),
    ],
)
def test_wrong_words_are_a_sentence_and_a_hint(
    hpcctl: Hpcctl, words: list[str], message: str, hint: str
) -> None:
    said = hpcctl(*words)
    assert said.code == 2
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert message in said.err
    assert f" hint: {hint}" in said.err
    assert "Traceback" not in said.err


def test_a_mistake_of_ours_goes_to_the_log(
    hpcctl: Hpcctl, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = importlib.import_module("hpcctl.cli.listing")

    def broken(*_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(listing, "overview", broken)
    said = hpcctl("list")
    log = home / "log" / "hpcctl.log"
    assert said.code == 1
    assert "ZeroDivisionError: by zero" in said.err
    assert str(log) in said.err
    assert "Traceback" not in said.err
    assert "Traceback" in log.read_text()
    assert "Traceback" in hpcctl("--debug", "list").err


def test_ctrl_c_is_130(hpcctl: Hpcctl, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = importlib.import_module("hpcctl.cli.listing")

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(listing, "overview", stopped)
    said = hpcctl("list")
    assert (said.code, said.err.strip()) == (130, "interrupted")


def test_a_reader_that_leaves_is_no_traceback(home: Path) -> None:
    assert home
    command = f"{sys.executable} -m hpcctl create --help | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [["--help"], ["create", "--help"], ["list"]])
def test_nothing_heavy_is_imported_before_it_is_needed(home: Path, words: list[str]) -> None:
    assert not home.exists()
    code = (
        "import sys; from hpcctl.cli.main import run; run(sys.argv[1:]);"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"


def test_an_installation_without_the_sandbox_says_so(hpcctl: Hpcctl, monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(name: str) -> None:
        raise ModuleNotFoundError(name="moto")

    monkeypatch.setattr(main.importlib, "import_module", lacking)
    said = hpcctl("sandbox", "up")
    assert said.code == 2
    assert "hpcctl[sandbox]" in said.err


def test_a_home_that_ssh_could_not_be_told_of_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HPCCTL_HOME", "/home/${x}")
    assert main.run(["list"]) == 2
    told = capsys.readouterr().err
    assert "HPCCTL_HOME" in told and "hint:" in told


@pytest.mark.parametrize("verb", [["create", "demo", "2", "c5.xlarge", "20", "--dry-run"], ["types"]])
@pytest.mark.parametrize("limit", ["nan", "inf", "-inf", "x"])
def test_a_limit_that_limits_nothing_is_refused(hpcctl: Hpcctl, verb: list[str], limit: str) -> None:
    said = hpcctl(*verb, "--max-price", limit)
    assert said.code == 2
    assert "--max-price" in said.err
