"""Machines of a team: each with a home of its own, all with one account, which is the sandbox's."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpcctl.clouds import resolve
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.creating import CreateRequest, create
from hpcctl.spec.model import Cloud
from hpcctl.workspace import Workspace
from tests.environments import own_environment
from tests.patience import PATIENCE
from tests.sandbox.unmanned import SshIsNext, UntilSsh
from tests.specs import plain_spec

PROFILE = "team"
ACCOUNT = "123456789012"
BUCKET = f"hpcctl-state-{ACCOUNT}-us-east-1"
CONFIG = """
profile "{name}" {{
  region       = "us-east-1"
  endpoint_url = "{url}"
  ssh_port     = 2222
  ssh_from     = "127.0.0.0/8"
  state        = "{state}"
{more}}}
"""


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """One machine: its home is ``folder / "hpcctl"``; it has a profile, and nothing else at first."""

    folder: Path
    url: str
    state: str = "s3"
    role: str = ""

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, mode=0o700)
        more = f'  role_arn     = "{self.role}"\n' if self.role else ""
        text = CONFIG.format(name=PROFILE, url=self.url, state=self.state, more=more)
        (self.home / "config.hcl").write_text(text)

    @property
    def home(self) -> Path:
        return self.folder / "hpcctl"

    @property
    def cloud(self) -> Cloud:
        return resolve(PROFILE, home=self.home, environ={})

    @property
    def environment(self) -> dict[str, str]:
        return own_environment(self.home, self.folder)

    def workspace(self, name: str) -> Workspace:
        return Workspace(home=self.home, name=name)

    def context(self, *, wait: bool = False) -> Context:
        return Context(home=self.home, progress=UntilSsh(), wait=wait)

    def create(self, name: str, *, nodes: int = 2) -> list[str]:
        """Up to the moment when a machine would answer; what the user was told."""
        spec = plain_spec(name, nodes)
        progress = UntilSsh()
        try:
            create(
                CreateRequest(spec=spec, cloud=self.cloud), context=Context(home=self.home, progress=progress)
            )
        except SshIsNext:
            return progress.notes
        raise AssertionError("machines that are records have answered")

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        """hpcctl, as somebody there types it."""
        return self.python("-m", "hpcctl", *words)

    def python(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Some Python with the same environment."""
        return subprocess.run(
            [sys.executable, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def started(self, *words: str) -> subprocess.Popen[bytes]:
        """Some Python that goes on by itself, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, *words],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def objects(s3: Any) -> dict[str, bytes]:
    """All that the bucket has, by key."""
    listed = s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())
    return {one["Key"]: s3.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read() for one in listed}


def remove_bucket(s3: Any) -> None:
    """With all that is in it, former versions included; nothing where there is none."""
    if BUCKET not in {one["Name"] for one in s3.list_buckets()["Buckets"]}:
        return
    versions = s3.list_object_versions(Bucket=BUCKET)
    for one in (*versions.get("Versions", ()), *versions.get("DeleteMarkers", ())):
        s3.delete_object(Bucket=BUCKET, Key=one["Key"], VersionId=one["VersionId"])
    s3.delete_bucket(Bucket=BUCKET)
