"""Which Terraform and which AWS provider a run would take, without starting the provider."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hpcctl.errors import TerraformError
from hpcctl.terraform.binary import Binary, find_binary
from hpcctl.terraform.mirror import find_mirror, provider_version


@dataclass(frozen=True, kw_only=True)
class Versions:
    """``terraform`` is None where none can be used (``problem`` says why), ``provider`` where none is here."""

    terraform: str | None
    program: str = "Terraform"
    path: Path | None = None
    provider: str | None = None
    problem: str = ""


def versions(home: Path, environment: Mapping[str, str] = os.environ) -> Versions:
    """What is on this machine's disks at this moment; no network is asked."""
    try:
        binary = find_binary(home, environment)
    except TerraformError as error:
        return Versions(terraform=None, problem=error.message)
    return Versions(
        terraform=binary.version,
        program=binary.name,
        path=binary.path,
        provider=_provider(home, binary, environment),
    )


def _provider(home: Path, binary: Binary, environment: Mapping[str, str]) -> str | None:
    """In a mirror, else among what was downloaded before."""
    cache = environment.get("TF_PLUGIN_CACHE_DIR") or home / "terraform" / "plugins"
    for folder in (find_mirror(binary.registry, environment), Path(cache)):
        found = provider_version(folder, binary.registry) if folder else None
        if found:
            return found
    return None
