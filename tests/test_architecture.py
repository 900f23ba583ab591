"""The arrows of docs/architecture.md, read from the code itself."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "hpcctl"
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)

PURE = (
    "spec",
    "steps",
    "schedulers",
    "configure",
    "inventory",
    "modules",
    "render",
    "sshconfig",
    "state",
    "upgrade",
    "metering",
    "remote.plan",
    "nearest",
    "selection",
    "decode",
    "starcluster",
    "packing",
    "values",
    "firstboot",
)
EFFECTS = (
    "aws",
    "terraform",
    "workspace",
    "stores",
    "locks",
    "interrupts",
    "crew",
    "files",
    "sshfiles",
    "remote.ssh",
    "remote.runner",
    "config",
    "clouds",
    "profiles",
)
NEUTRAL = ("errors", "resources", "templating", "progress", "keys", "")
HOMES = {
    "python_terraform": ("terraform",),
    "boto3": ("aws",),
    "botocore": ("aws",),
    "fabric": ("remote",),
    "invoke": ("remote",),  # what fabric stands on, and raises
    "paramiko": ("remote",),
    "rich": ("cli",),
    "click": ("cli",),
    "jinja2": ("templating",),
    "matplotlib": ("cli.figure",),
    "hcl2": ("modules", "spec.document.syntax"),
    "lark": ("modules", "spec.document.syntax"),  # what hcl2 raises
    "moto": ("sandbox",),
    "werkzeug": ("sandbox",),
    "cryptography": ("keys", "sandbox"),
    "ClusterShell": ("remote.conductor",),
}
STANDARD_EFFECTS = {"subprocess", "socket", "shutil", "tempfile", "fcntl", "threading", "urllib.request"}


def name_of(path: Path) -> str:
    """``hpcctl/remote/ssh.py`` is ``remote.ssh``; a package is its own name."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@cache
def imports(path: Path) -> tuple[str, ...]:
    """All that a file imports, lazily or not, but for the types alone; relative to nothing."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(path: Path) -> set[str]:
    """Modules of hpcctl that a file imports, without the prefix."""
    return {name.removeprefix("hpcctl.") for name in imports(path) if name.startswith("hpcctl.")}


def within(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


def test_every_module_has_its_place() -> None:
    places = (
        *PURE,
        *EFFECTS,
        *NEUTRAL,
        "cli",
        "lifecycle",
        "sandbox",
        "remote.conductor",
        "__main__",
        "absent",
        "api",
        "awsconfig",
        "choosing",
        "diagnosis",
        "home",
        "logins",
        "optional",
        "outline",
        "wishes",
        "overview",
        "roster",
        "setup",
        "remote",
    )
    lost = [name_of(path) for path in FILES if not within(name_of(path), places)]
    assert not lost, f"say in this test whether they are pure or have effects: {lost}"


@pytest.mark.parametrize("path", [path for path in FILES if within(name_of(path), PURE)], ids=name_of)
def test_pure_code_knows_no_effects(path: Path) -> None:
    assert not [name for name in ours(path) if within(name, (*EFFECTS, "lifecycle", "cli", "sandbox"))]
    assert not [
        name for name in imports(path) if name.split(".")[0] in STANDARD_EFFECTS or name in STANDARD_EFFECTS
    ]


@pytest.mark.parametrize("path", [path for path in FILES if within(name_of(path), EFFECTS)], ids=name_of)
def test_effects_know_neither_lifecycle_nor_command_line(path: Path) -> None:
    assert not [
        name for name in ours(path) if within(name, ("lifecycle", "cli", "sandbox", "render", "configure"))
    ]


@pytest.mark.parametrize(
    "path", [path for path in FILES if not within(name_of(path), ("cli", "choosing"))], ids=name_of
)
def test_one_door_leads_to_the_sandbox_and_few_have_its_key(path: Path) -> None:
    assert "optional" not in {name.split(".")[0] for name in ours(path)}


@pytest.mark.parametrize(
    "path", [path for path in FILES if not within(name_of(path), ("cli", "sandbox"))], ids=name_of
)
def test_nothing_but_the_command_line_knows_the_sandbox(path: Path) -> None:
    assert not [
        name for name in ours(path) if within(name, ("sandbox", "cli")) and name_of(path) != "__main__"
    ]


@pytest.mark.parametrize("path", [path for path in FILES if within(name_of(path), ("sandbox",))], ids=name_of)
def test_the_sandbox_knows_no_lifecycle(path: Path) -> None:
    assert not [
        name for name in ours(path) if within(name, ("lifecycle", "cli", "aws", "terraform", "remote"))
    ]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_package_has_one_home(path: Path) -> None:
    for name in imports(path):
        package = name.split(".")[0]
        if package in sys.stdlib_module_names or package == "hpcctl":
            continue
        assert package in HOMES, f"{package} is new: give it a home, and a reason in CONTRIBUTING.md"
        home = (*HOMES[package], "sandbox") if package in {"boto3", "botocore"} else HOMES[package]
        assert within(name_of(path), home), f"{package} belongs in {home}"


@pytest.mark.parametrize("path", [path for path in FILES if not within(name_of(path), ("cli",))], ids=name_of)
def test_only_the_command_line_talks_to_people(path: Path) -> None:
    calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    assert not [call.id for call in calls if isinstance(call, ast.Name) and call.id in {"print", "input"}]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_sizes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < 40, node.name
        if isinstance(node, ast.ClassDef):
            methods = [inner for inner in node.body if isinstance(inner, ast.FunctionDef)]
            assert len(methods) <= 20, node.name


def test_no_shell_and_no_catch_all() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert "shell=True" not in text, path


def test_templates_make_no_resources_and_modules_no_templates() -> None:
    for path in (ROOT / "templates").rglob("*"):
        if path.is_file():
            assert not re.search(r'^\s*resource "', path.read_text(encoding="utf-8"), re.MULTILINE), path
    for path in (ROOT / "terraform").rglob("*.tf"):
        text = path.read_text(encoding="utf-8")
        assert "{{" not in text, path
        assert not re.search(r'^\s*provider "', text, re.MULTILINE), path
