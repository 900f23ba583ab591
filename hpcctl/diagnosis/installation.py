"""This installation: programs, the home, the configuration. Nothing is asked over the network."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from hpcctl.config import load_profiles
from hpcctl.diagnosis.model import Check, Finding, ok, problem, warning
from hpcctl.logins import config_path
from hpcctl.setup.packages import missing
from hpcctl.sshfiles import drop_stale_includes, include_line
from hpcctl.terraform.binary import find_binary
from hpcctl.terraform.mirror import find_mirror
from hpcctl.workspace import entries

_MIB = 1 << 20
LOW_MIB = 1024
FULL_MIB = 100


def installation_checks(home: Path, *, ssh_folder: Path) -> tuple[Check, ...]:
    """All that must be right on this machine."""
    return (
        Check(name="Terraform", look=lambda: _terraform(home)),
        Check(name="AWS provider", look=lambda: _provider(home)),
        Check(name="ssh", look=_ssh),
        Check(name="HPCCTL_HOME", look=lambda: _home(home)),
        Check(name="free space", look=lambda: _space(home)),
        Check(name="private files", look=lambda: _private(home)),
        Check(name="config.hcl", look=lambda: _configuration(home)),
        Check(name="~/.ssh/config", look=lambda: _included(home, ssh_folder)),
        Check(name="clusters", look=lambda: _records(home)),
        Check(name="sandbox", look=_sandbox),
    )


def _terraform(home: Path) -> Finding:
    binary = find_binary(home)
    return ok(f"{binary.name} {binary.version}: {binary.path}")


def _provider(home: Path) -> Finding:
    mirror = find_mirror(find_binary(home).registry)
    return ok(f"from {mirror}" if mirror else "from Terraform's registry, kept below HPCCTL_HOME")


def _ssh() -> Finding:
    path = shutil.which("ssh")
    return ok(path) if path else problem("there is no ssh on PATH", "hpcctl setup")


def _home(home: Path) -> Finding:
    """By writing a file: what permissions say is not all that decides."""
    hint = "HPCCTL_HOME says where hpcctl keeps its files: name a folder that you may write to"
    if home.exists() and not home.is_dir():
        return problem(f"{home} is not a folder", hint)
    place = next(folder for folder in (home, *home.parents) if folder.is_dir())
    try:
        with tempfile.TemporaryFile(dir=place):
            return ok(str(home) if place == home else f"{home} (made when it is needed)")
    except OSError as error:
        return problem(f"{place}: {error.strerror}", hint)


def _space(home: Path) -> Finding:
    place = next(folder for folder in (home, *home.parents) if folder.is_dir())
    free = shutil.disk_usage(place).free // _MIB
    text = f"{free / 1024:.1f} GiB free on the disk of {place}"
    hint = "make room there, or set HPCCTL_HOME to a folder on another disk"
    if free < FULL_MIB:
        return problem(text, hint)
    return warning(text, hint) if free < LOW_MIB else ok(text)


def _private(home: Path) -> Finding:
    """Keys, state and values hold secrets."""
    folder = home / "clusters"
    open_ones = [path for path in (home, *folder.rglob("*")) if path.exists() and _is_open(path)]
    if open_ones:
        more = f" and {len(open_ones) - 1} more" if len(open_ones) > 1 else ""
        return problem(f"others may read {open_ones[0]}{more}", f"chmod -R go= '{home}'")
    return ok("for you alone")


def _is_open(path: Path) -> bool:
    """Programs that Terraform brings, and links, are nobody's secret."""
    return not path.is_symlink() and bool(path.stat().st_mode & 0o077)


def _configuration(home: Path) -> Finding:
    names = [profile.name for profile in load_profiles(home)]
    return ok(f"profiles: {', '.join(names)}" if names else "no profiles of your own")


def _included(home: Path, ssh_folder: Path) -> Finding:
    """Lines of a HPCCTL_HOME that is gone serve nobody: they are dropped here, and that is said."""
    dropped = 0
    with suppress(OSError):  # a file that cannot be written or followed stays as it is
        dropped = drop_stale_includes(ssh_folder)
    found = _include_line(home, ssh_folder)
    text = f"{found.text}; removed {dropped} of a HPCCTL_HOME that is gone" if dropped else found.text
    return replace(found, text=text)


def _include_line(home: Path, ssh_folder: Path) -> Finding:
    config = ssh_folder / "config"
    text = config.read_text(encoding="utf-8", errors="replace") if config.exists() else ""
    if include_line(config_path(home)) in (line.strip() for line in text.splitlines()):
        return ok("has the Include line")
    if not entries(home):
        return ok("gets its Include line with the first cluster")
    return warning("has no Include line, so plain ssh does not know the clusters", "hpcctl update-ssh")


def _records(home: Path) -> Finding:
    found = entries(home)
    damaged = [entry.workspace.name for entry in found if entry.record is None]
    if damaged:
        return problem(f"damaged: {', '.join(damaged)}", f"hpcctl recover {damaged[0]}")
    return ok(f"{len(found)} known here")


def _sandbox() -> Finding:
    """Only what is half there is worth a word."""
    if find_spec("moto") is None:
        return ok("not installed")
    lacking = [need.program for need in missing(sandbox=True)]
    if lacking:
        return warning(f"cannot start machines: {', '.join(lacking)} missing", "hpcctl setup --sandbox")
    return ok("can start machines")
