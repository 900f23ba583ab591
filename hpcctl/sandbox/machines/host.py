"""What this machine offers: programs, processor, disk space."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from hpcctl.errors import SandboxError

_PACKAGES = {
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "vde_switch": "vde2",
    "mmdebstrap": "mmdebstrap",
    "mkfs.ext4": "e2fsprogs",
    "socat": "socat",
    "setpriv": "util-linux",
}
_PACKAGES_WITHOUT_ROOT = {"newuidmap": "uidmap"}
_SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"


def program(name: str) -> str:
    """The path of a program; the error names the Debian package that has it."""
    path = os.environ.get("PATH", os.defpath)
    found = shutil.which(name, path=f"{path}:{_SYSTEM_FOLDERS}")
    if found is None:
        package = (_PACKAGES | _PACKAGES_WITHOUT_ROOT).get(name, name)
        raise SandboxError(
            f"the program {name} is not installed on this machine",
            hint=f"the sandbox's machines need it; on Debian and Ubuntu: apt-get install {package}",
        )
    return found


def require_programs() -> None:
    """Fail with everything that is missing at once, before any work."""
    if platform.machine() not in {"x86_64", "amd64"}:
        raise SandboxError(
            f"the sandbox's machines are x86-64, this one is {platform.machine()}",
            hint="use --no-machines, or a machine with an x86-64 processor",
        )
    path = f"{os.environ.get('PATH', os.defpath)}:{_SYSTEM_FOLDERS}"
    missing = [name for name in _PACKAGES if shutil.which(name, path=path) is None]
    if missing:
        packages = " ".join(sorted({_PACKAGES[name] for name in missing}))
        raise SandboxError(
            f"the sandbox's machines need programs that are not installed: {', '.join(missing)}",
            hint=f"on Debian and Ubuntu: apt-get install {packages}",
        )


def has_kvm(cpuinfo: Path = Path("/proc/cpuinfo"), device: Path = Path("/dev/kvm")) -> bool:
    """Whether hardware virtualisation works: the device can exist, and hang, where the processor has none."""
    try:
        flags = {
            word
            for line in cpuinfo.read_text().splitlines()
            if line.startswith("flags")
            for word in line.split()
        }
    except OSError:
        return False
    return bool(flags & {"vmx", "svm"}) and os.access(device, os.R_OK | os.W_OK)


def require_space(folder: Path, gib: float, *, purpose: str) -> None:
    """Fail before a long piece of work that the disk has no room for."""
    free = shutil.disk_usage(folder).free / 2**30
    if free < gib:
        raise SandboxError(
            f"{purpose} needs about {gib:g} GiB, and {folder} has {free:.1f} GiB free",
            hint="free some space, or set HPCCTL_HOME to a folder on a larger disk",
        )


def require_memory(mib: int, meminfo: Path = Path("/proc/meminfo")) -> None:
    """Fail where a machine of this size would push the system into swapping or worse; half of it is shared."""
    try:
        line = next(line for line in meminfo.read_text().splitlines() if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return
    free = int(line.split()[1]) // 1024
    if free < mib // 2:
        raise SandboxError(
            f"a virtual machine of {mib} MiB does not fit: {free} MiB of memory are free",
            hint="terminate other clusters, or make one with fewer nodes",
        )


def fitting_processors() -> int:
    """Processors of a machine: two where this host has four or more, else one.

    More virtual processors than real ones mostly wait for each other, above all in software emulation.
    """
    return 2 if len(os.sched_getaffinity(0)) >= 4 else 1
