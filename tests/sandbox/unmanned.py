"""Clusters in a sandbox without machines: everything of ``create`` up to its first connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hpcctl import sandbox
from hpcctl.errors import HpcctlError
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.creating import CreateRequest, create
from hpcctl.lifecycle.guarding import NO_LOSS, Permission
from hpcctl.spec.arguments import Arguments, spec_from
from hpcctl.state import ClusterRecord
from hpcctl.workspace import Workspace


class SshIsNext(HpcctlError):
    """The cloud has made everything; machines would have to answer now."""


class UntilSsh:
    """A ``Progress`` that keeps what it is told, and ends the run where it would wait for a machine."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        if name == "wait for ssh":
            raise SshIsNext("far enough")
        yield

    def detail(self, text: str) -> None:
        pass

    def note(self, text: str) -> None:
        self.notes.append(text)

    warn = note


def context(home: Path) -> Context:
    """For one run."""
    return Context(home=home, progress=UntilSsh())


def create_until_ssh(
    home: Path, name: str, *, nodes: int = 2, permission: Permission = NO_LOSS, **more: Any
) -> tuple[ClusterRecord, list[str]]:
    """``create`` as far as it gets without machines: the record, and what the user was told."""
    spec = spec_from(Arguments(name=name, nodes=str(nodes), instance_type="c5.xlarge", share_gib="4", **more))
    progress = UntilSsh()
    try:
        create(
            CreateRequest(spec=spec, cloud=sandbox.cloud(home), permission=permission),
            context=Context(home=home, progress=progress),
        )
    except SshIsNext:
        return Workspace(home=home, name=name).load(), progress.notes
    raise AssertionError("machines that are records have answered")
