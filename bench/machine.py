"""The machine that the numbers come from."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

from hpcctl.home import home_folder
from hpcctl.sandbox.machines.host import has_kvm
from hpcctl.terraform.binary import find_binary
from hpcctl.terraform.mirror import find_mirror, provider_version

_PACKAGES = ("hpcctl", "boto3", "fabric", "moto")


def describe() -> dict[str, str]:
    """What a reader must know of it, as text."""
    binary = find_binary(home_folder(os.environ))
    return {
        "date": f"{datetime.now(timezone.utc):%Y-%m-%d}",
        "processor": _first(r"model name\s*: (.*)", Path("/proc/cpuinfo")),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{int(_first(r'MemTotal: *([0-9]+)', Path('/proc/meminfo')) or 0) / 2**20:.1f} GiB",
        "hardware virtualisation": "KVM" if has_kvm() else "none, software emulation",
        "load before": f"{os.getloadavg()[0]:.1f}",
        "system": f"{platform.freedesktop_os_release().get('PRETTY_NAME', 'Linux')}, Linux {platform.release()}",
        "python": platform.python_version(),
        "terraform": f"{binary.name} {binary.version}",
        "aws provider": _provider(binary.registry),
        "qemu": _qemu(),
        **{package: version(package) for package in _PACKAGES},
    }


def _first(pattern: str, path: Path) -> str:
    found = re.search(pattern, path.read_text())
    return found[1].strip() if found else ""


def _provider(registry: str) -> str:
    mirror = find_mirror(registry)
    return (mirror and provider_version(mirror, registry)) or "from the registry"


def _qemu() -> str:
    program = shutil.which("qemu-system-x86_64")
    if not program:
        return "none"
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"version ([\d.]+)", told)
    return found[1] if found else "unknown"
