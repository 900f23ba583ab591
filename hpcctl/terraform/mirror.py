"""The AWS provider on this machine's own disk, where a person or a site keeps it for want of a network."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

SETTING = "HPCCTL_PROVIDER_MIRROR"
PROVIDER = ("hashicorp", "aws")
WANTED = (5, 100)
"""As ``~> 5.100`` in the root modules: this version or a later one of the same major number."""

_USUAL_AT_HOME = (".terraform.d/plugins", ".local/share/terraform/plugins")
_USUAL = ("/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins")
_SOFTWARE_ROOTS = ("/opt", "/usr/local", "/srv", "/usr/share", "/usr/lib")
_DEPTH = 3
_MOST_FOLDERS = 4000


def find_mirror(registry: str, environment: Mapping[str, str] = os.environ) -> Path | None:
    """The folder that holds ``<registry>/hashicorp/aws`` in a version that fits, for this machine."""
    for folder in _places(registry, environment):
        if serves(folder, registry):
            return folder
    return None


def serves(mirror: Path, registry: str) -> bool:
    """Whether the mirror has the provider: unpacked (version/platform) or as a zip file beside its index."""
    folder = mirror.joinpath(registry, *PROVIDER)
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError:
        return False
    unpacked = any(_fits(name) and (folder / name / _target()).is_dir() for name in names)
    return unpacked or any(_fits_packed(name) for name in names)


def provider_version(mirror: Path, registry: str) -> str | None:
    """The newest version in the mirror that fits, which is the one that Terraform takes."""
    try:
        names = [path.name for path in mirror.joinpath(registry, *PROVIDER).iterdir()]
    except OSError:
        return None
    unpacked = [name for name in names if _fits(name)]
    packed = [name.split("_")[1] for name in names if _fits_packed(name)]
    return max((*unpacked, *packed), key=lambda name: [int(part) for part in name.split(".")], default=None)


def _places(registry: str, environment: Mapping[str, str]) -> Iterator[Path]:
    """A setting first, then Terraform's usual places, then any folder of that name below software roots."""
    chosen = environment.get(SETTING)
    if chosen:
        yield Path(chosen).expanduser()
        return
    yield from (Path.home() / place for place in _USUAL_AT_HOME)
    yield from map(Path, _USUAL)
    for root in _SOFTWARE_ROOTS:
        yield from _below(Path(root), registry)


def _below(root: Path, registry: str) -> Iterator[Path]:
    """Folders that contain one named like the registry, level by level, not too deep and not too many."""
    level, seen = [root], 0
    for _ in range(_DEPTH):
        below: list[Path] = []
        for folder in level:
            children = _subfolders(folder)
            if registry in {child.name for child in children}:
                yield folder
            below.extend(children)
        seen += len(below)
        if seen > _MOST_FOLDERS:
            return
        level = below


def _subfolders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return sorted(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []


def _fits(version: str) -> bool:
    numbers = [int(part) for part in version.split(".") if part.isdigit()]
    return len(numbers) == 3 and numbers[0] == WANTED[0] and tuple(numbers[:2]) >= WANTED


def _fits_packed(name: str) -> bool:
    prefix, suffix = f"terraform-provider-{PROVIDER[1]}_", f"_{_target()}.zip"
    return name.startswith(prefix) and name.endswith(suffix) and _fits(name[len(prefix) : -len(suffix)])


def _target() -> str:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return f"{sys.platform}_{machine}"
