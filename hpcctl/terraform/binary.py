"""Which Terraform: a setting, then PATH, then the one that ``hpcctl setup`` put under HPCCTL_HOME."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hpcctl.errors import TerraformError

SETTING = "HPCCTL_TERRAFORM"
OLDEST = (1, 7)
OLDEST_WITH_LOCK_FILE = (1, 10)
_NAMES = ("terraform", "tofu")
_HINT = (
    "Install Terraform {oldest} or newer (or OpenTofu) so that it is on PATH, or run `hpcctl setup`, "
    f"or set {SETTING} to the program."
)


@dataclass(frozen=True, kw_only=True)
class Binary:
    """A program that was asked for its version and is new enough."""

    path: Path
    version: str
    opentofu: bool

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return "OpenTofu" if self.opentofu else "Terraform"

    def require_shared_state(self) -> None:
        """TerraformError unless it can lock a state in S3 without a table beside it."""
        if _numbers(self.version) < OLDEST_WITH_LOCK_FILE:
            oldest = ".".join(map(str, OLDEST_WITH_LOCK_FILE))
            raise TerraformError(
                f'state = "s3" needs {self.name} {oldest} or newer, and {self.path} is {self.version}',
                hint="`hpcctl setup` installs one that is new enough; or set HPCCTL_TERRAFORM to another",
            )

    @property
    def registry(self) -> str:
        """Where this program thinks that providers come from."""
        return "registry.opentofu.org" if self.opentofu else "registry.terraform.io"


def find_binary(home: Path, environment: Mapping[str, str] = os.environ) -> Binary:
    """The first usable program; TerraformError says what was found and why it was not taken."""
    refused = []
    for path in _candidates(home, environment):
        try:
            return _checked(path)
        except TerraformError as error:
            refused.append(error)
    if refused:
        raise refused[0]
    raise TerraformError("Terraform is not installed", hint=_hint())


def _candidates(home: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    chosen = environment.get(SETTING)
    if chosen:
        # Whoever sets it wants this one: no other is tried.
        yield Path(shutil.which(chosen, path=environment.get("PATH")) or chosen)
        return
    for folder in (environment.get("PATH"), str(home / "bin")):
        for name in _NAMES:
            found = shutil.which(name, path=folder) if folder else None
            if found:
                yield Path(found)


def _checked(path: Path) -> Binary:
    answer = _ask_version(path)
    version = str(answer.get("terraform_version", ""))
    if _numbers(version) < OLDEST:
        raise TerraformError(f"{path} is version {version or 'unknown'}, which is too old", hint=_hint())
    return Binary(path=path, version=version, opentofu=_is_opentofu(path))


def _ask_version(path: Path) -> dict[str, object]:
    command = [str(path), "version", "-json"]
    # An answer about updates from the network is not wanted, a broken setting of the user's not needed.
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    environment.pop("TF_CLI_CONFIG_FILE", None)
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=60, check=True
        )
        answer = json.loads(done.stdout)
    except FileNotFoundError as error:
        raise TerraformError(f"there is no program {path}", hint=_hint()) from error
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise TerraformError(f"{path} does not run as Terraform does: {error}", hint=_hint()) from error
    return answer if isinstance(answer, dict) else {}


def _is_opentofu(path: Path) -> bool:
    return path.resolve().name.startswith("tofu")


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.partition("-")[0].split(".")[:2]
    return tuple(int(part) for part in parts if part.isdigit())


def _hint() -> str:
    return _HINT.format(oldest=".".join(map(str, OLDEST)))
