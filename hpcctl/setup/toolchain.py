"""What is needed: the pinned Terraform, and which Debian package has which program (``toolchain.json``)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Need:
    """A program, and the package of Debian and Ubuntu that has it."""

    program: str
    package: str


@dataclass(frozen=True, kw_only=True)
class Release:
    """One Terraform for one platform: where it is, and the checksum of the archive."""

    version: str
    url: str
    sha256: str


def needs(*, sandbox: bool) -> tuple[Need, ...]:
    """The programs that must be on PATH; with ``sandbox`` those of its machines as well."""
    groups = ("always", "sandbox") if sandbox else ("always",)
    listed = ((group, _data()["programs"][group]) for group in groups)
    return tuple(
        Need(program=name, package=package) for _, group in listed for name, package in group.items()
    )


def release(platform: str) -> Release | None:
    """Terraform for a platform such as ``linux_amd64``; None where none is pinned."""
    terraform = _data()["terraform"]
    checksum = terraform["sha256"].get(platform)
    if checksum is None:
        return None
    url = terraform["url"].format(version=terraform["version"], platform=platform)
    return Release(version=terraform["version"], url=url, sha256=checksum)


@lru_cache(maxsize=1)
def _data() -> Any:
    return json.loads((Path(__file__).parent / "toolchain.json").read_text(encoding="utf-8"))
