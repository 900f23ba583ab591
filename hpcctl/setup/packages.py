"""System packages: which are missing, and apt-get where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence

from hpcctl.errors import HpcctlError
from hpcctl.setup.toolchain import Need, needs

_SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"


def missing(*, sandbox: bool) -> tuple[Need, ...]:
    """The programs that are not there."""
    path = f"{os.environ.get('PATH', os.defpath)}:{_SYSTEM_FOLDERS}"
    return tuple(need for need in needs(sandbox=sandbox) if shutil.which(need.program, path=path) is None)


def install_command(packages: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The commands that install them; an error that names them where that is not for us to do."""
    if shutil.which("apt-get") is None:
        raise HpcctlError(
            "this is neither Debian nor Ubuntu, so the missing programs are yours to install",
            hint=f"what Debian calls: {' '.join(packages)}",
        )
    prefix = _as_root(packages)
    options = ("-y", "--no-install-recommends")
    return (
        (*prefix, "apt-get", "update", "-q"),
        (*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-q", *options, *packages),
    )


def install(commands: Sequence[Sequence[str]], *, say: Callable[[str], None]) -> None:
    """Run the commands; what they write is told when one fails."""
    for command in commands:
        say(" ".join(command))
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode and command[-1] != "-q":  # an update that fails in part may still do
            raise HpcctlError(
                f"{' '.join(command)} failed:\n{_tail(done.stdout)}",
                hint="is there a network? The same packages can be installed by hand",
            )


def _as_root(packages: Sequence[str]) -> tuple[str, ...]:
    if os.geteuid() == 0:
        return ()
    if shutil.which("sudo"):
        return ("sudo",)
    raise HpcctlError(
        "system packages are missing, and you are not root and have no sudo",
        hint=f"as root: apt-get install {' '.join(packages)}",
    )


def _tail(output: str) -> str:
    return "\n".join(output.strip().splitlines()[-8:])
