"""The environment and the CLI configuration of the Terraform that hpcctl runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from hpcctl.files import private_folder, write_atomically
from hpcctl.templating import render_template
from hpcctl.terraform.binary import Binary
from hpcctl.terraform.mirror import PROVIDER, find_mirror

# Settings meant for a person's own runs; here they would change what is run, or fill the log with secrets.
_DROPPED_PREFIXES = ("TF_LOG", "TF_VAR_", "TF_CLI_ARGS")
_DROPPED = frozenset({"TF_DATA_DIR", "TF_WORKSPACE", "TF_INPUT", "TF_REATTACH_PROVIDERS"})
OVERRIDE_FILE = "endpoint_override.tf"
ADOPTION_FILE = "adoption.tf"
BACKEND_FILE = "backend.tf"
PROFILE_FILE = ".aws_profile"
"""Which profile to use for a shared folder, on this machine; the folder itself names none."""

_GARBAGE_PERCENT = "400"
"""Terraform and the AWS provider read large schemas at each start: with Go's default of 100 a fifth of their processor
time is spent on looking for memory that they do not give back anyway. It costs a twelfth more memory."""

_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def child_environment(folder: Path, config: Path, data: Path) -> dict[str, str]:
    """What Terraform sees: the user's environment without what would surprise, and with our settings."""
    kept = {name: value for name, value in os.environ.items() if not _is_dropped(name, folder)}
    return {
        "GOGC": _GARBAGE_PERCENT,
        **kept,
        **_profile(folder),
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": str(config),
        "TF_DATA_DIR": str(data),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
    }


def write_cli_config(home: Path, binary: Binary) -> Path:
    """The CLI configuration: the user's own, with a local mirror and a cache where it names none."""
    folder = private_folder(home / "terraform")
    own_path, own = _own_config()
    mirror = None if "provider_installation" in own else find_mirror(binary.registry)
    cache = _cache(home, own, mirror)
    text = render_template(
        "root/cli.tfrc.j2",
        own=own,
        own_path=own_path,
        mirror=mirror,
        provider="/".join((binary.registry, *PROVIDER)),
        cache=cache,
    )
    path = folder / "cli.tfrc"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_atomically(path, text)
    return path


def _profile(folder: Path) -> dict[str, str]:
    try:
        return {"AWS_PROFILE": (folder / PROFILE_FILE).read_text(encoding="utf-8").strip()}
    except FileNotFoundError:
        return {}


def _is_dropped(name: str, folder: Path) -> bool:
    """A folder bound to another endpoint has its own credentials; the user's profile has no meaning there."""
    if name.startswith("AWS_") and (folder / OVERRIDE_FILE).exists():
        return True
    if name in _KEYS and (folder / PROFILE_FILE).exists():  # keys would come before the profile
        return True
    return name in _DROPPED or name.startswith(_DROPPED_PREFIXES)


def _own_config(environment: Mapping[str, str] = os.environ) -> tuple[Path | None, str]:
    """The user's own CLI configuration. A setting that names a missing file is as good as none."""
    chosen = environment.get("TF_CLI_CONFIG_FILE") or environment.get("TERRAFORM_CONFIG")
    places = [Path(chosen)] if chosen else []
    for path in (*places, Path.home() / ".terraformrc"):
        try:
            return path, path.read_text(encoding="utf-8")
        except OSError:
            continue
    return None, ""


def _cache(home: Path, own: str, mirror: Path | None) -> Path | None:
    """Where downloads are kept: the provider (700 MB unpacked) comes once, not for every folder."""
    if mirror or "plugin_cache_dir" in own or os.environ.get("TF_PLUGIN_CACHE_DIR"):
        return None
    return private_folder(home / "terraform" / "plugins")
