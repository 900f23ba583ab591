"""Machines of a team: each with a home of its own, all with the same account, which is the sandbox's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hpcctl.clouds import resolve
from hpcctl.errors import HpcctlError
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.creating import CreateRequest, create
from hpcctl.spec.model import Cloud, ClusterSpec
from hpcctl.workspace import Workspace
from tests.sandbox.quiet import Silent

PROFILE = "team"
CONFIG = """
profile "{name}" {{
  region       = "us-east-1"
  endpoint_url = "{url}"
  ssh_port     = 2222
  ssh_from     = "127.0.0.0/8"
  state        = "{state}"
}}
"""


class Reached(HpcctlError):
    """Terraform is done, and a machine would be next."""


class UntilSsh(Silent):
    """Ends a create where it would wait for a machine."""

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        if name == "wait for ssh":
            raise Reached("far enough")
        with super().phase(name):
            yield


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """One machine: its home is ``folder / "hpcctl"``."""

    folder: Path
    url: str
    state: str = "s3"

    @property
    def home(self) -> Path:
        return self.folder / "hpcctl"

    @property
    def cloud(self) -> Cloud:
        return resolve(PROFILE, home=self.home, environ={})

    def arrive(self) -> Colleague:
        """With a profile, and nothing else."""
        self.home.mkdir(parents=True, mode=0o700)
        text = CONFIG.format(name=PROFILE, url=self.url, state=self.state)
        (self.home / "config.hcl").write_text(text)
        return self

    def workspace(self, name: str) -> Workspace:
        return Workspace(home=self.home, name=name)

    def create(self, name: str, *, nodes: int = 2) -> None:
        """Up to the moment when a machine would answer."""
        spec = ClusterSpec(name=name, nodes=nodes, instance_type="c5.xlarge", share_gib=4)
        try:
            create(CreateRequest(spec=spec, cloud=self.cloud), context=self.context(UntilSsh()))
        except Reached:
            return

    def context(self, progress: Silent | None = None) -> Context:
        return Context(home=self.home, progress=progress or Silent())

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        """hpcctl, as somebody there types it."""
        return subprocess.run(
            [sys.executable, "-m", "hpcctl", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "HPCCTL_HOME"))
        }
        return {**kept, "HPCCTL_HOME": str(self.home), "HOME": str(self.folder)}
