"""A cluster's life without machines: every verb as far as it goes without SSH, and what could be seen meanwhile."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bench.until_ssh import Reached, UntilSsh
from hpcctl import sandbox
from hpcctl.aws import power
from hpcctl.cli.main import run
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.creating import CreateRequest, create
from hpcctl.lifecycle.starting import start
from hpcctl.sandbox.calls import Call
from hpcctl.sandbox.client import SandboxClient
from hpcctl.state import Phase
from hpcctl.workspace import Workspace
from tests.sandbox.quiet import WITHOUT_MACHINES, Silent
from tests.specs import plain_spec

NAME = "demo"


@dataclass(kw_only=True)
class Life:
    """What was seen of it. ``modes``: of every file and folder below the home, at its fullest."""

    home: Path
    token: str
    calls: tuple[Call, ...] = ()
    output: str = ""
    exits: dict[str, int] = field(default_factory=dict)
    modes: dict[Path, int] = field(default_factory=dict)
    texts: dict[Path, str] = field(default_factory=dict)
    command_lines: set[str] = field(default_factory=set)


def lived(home: Path, monkeypatch: pytest.MonkeyPatch) -> Life:
    """From create to terminate, with all verbs between, in a sandbox of its own, which is down then."""
    monkeypatch.setenv("HPCCTL_HOME", str(home))
    monkeypatch.setenv("HOME", str(home.parent / "user"))
    sandbox.ensure_up(home, progress=Silent(), wanted=WITHOUT_MACHINES)
    record = sandbox.running(home)
    assert record
    life = Life(home=home, token=record.token)
    try:
        with _watched(life):
            _live(life)
        life.calls = SandboxClient(url=record.url).calls()
    finally:
        sandbox.down(home)
    return life


def _live(life: Life) -> None:
    context = Context(home=life.home, progress=UntilSsh())
    workspace = Workspace(home=life.home, name=NAME)
    spec = plain_spec(NAME)
    with contextlib.suppress(Reached):
        create(CreateRequest(spec=spec, cloud=sandbox.cloud(life.home)), context=context)
    made = replace(workspace.load(), phase=Phase.READY)  # as far as the account is concerned
    workspace.save(made)
    for words in (["show", NAME], ["list"], ["update-ssh", "--profile", "sandbox"], ["check", "nobody"]):
        _typed(life, *words)
    power.reboot(made.cloud, [host.instance_id for host in made.inventory.hosts if made.inventory])
    _typed(life, "stop", "--force", NAME)
    with contextlib.suppress(Reached):
        start(NAME, context=context)
    workspace.save(replace(workspace.load(), phase=Phase.READY))
    (workspace.terraform / "terraform.tfstate").unlink()
    _typed(life, "recover", NAME)
    for words in (
        ["types", "c5n", "--profile", "sandbox"],
        ["spot-history", "c5.xlarge", "--profile", "sandbox"],
    ):
        _typed(life, *words)
    for words in (["doctor", "--profile", "sandbox"], ["doctor", NAME, "--plan"], ["doctor", "--orphans"]):
        _typed(life, *words)
    _kept(life)
    _typed(life, "move", NAME, "--to", "s3")
    _typed(life, "list")
    _typed(life, "move", NAME, "--to", "local")
    _kept(life)
    _typed(life, "terminate", "--yes", NAME)


def _typed(life: Life, *words: str) -> None:
    """What a person types, in this process."""
    told = io.StringIO()
    with redirect_stdout(told), redirect_stderr(told):
        life.exits[words[0]] = run([*words])
    life.output += told.getvalue()


def _kept(life: Life) -> None:
    for path in life.home.rglob("*"):
        if path.is_symlink() or path.is_socket():
            continue
        life.modes[path] = stat.S_IMODE(path.stat().st_mode)
        if path.is_file() and "plugins" not in path.parts:
            life.texts[path] = path.read_text(errors="replace")


@contextmanager
def _watched(life: Life) -> Iterator[None]:
    """The command lines of all that this process starts, as anybody on the machine could read them."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.02):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    if str(life.home) in line or "terraform" in line or str(os.getpid()) in line:
                        life.command_lines.add(line)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
