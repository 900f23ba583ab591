"""The service's process: what it needs, how it is started, when it is ready."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from hpcctl.errors import SandboxError
from hpcctl.sandbox.paths import SandboxPaths
from hpcctl.sandbox.record import ServiceRecord

DEFAULT_PORT = 4599
_SSH_PORT = 2222
_TRIES = 100
_POLL = 0.05
_START_SECONDS = 60
_LOG_TAIL = 2000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How the service should be. ``port`` None: the default one, or the next that is free."""

    port: int | None = None
    machines: bool = True
    cold_boot: bool = False


def require_installed(wanted: Wanted) -> None:
    """Raise SandboxError with the name of what is missing on this machine."""
    from importlib.util import find_spec

    for package in ("moto", "flask"):
        if find_spec(package) is None:
            raise SandboxError(
                f"the Python package {package} is missing", hint="pip install 'hpcctl[sandbox]'"
            )
    if wanted.machines:
        from hpcctl.sandbox.machines.host import require_programs

        require_programs()


def start(paths: SandboxPaths, wanted: Wanted) -> ServiceRecord:
    """Start it and wait until its API answers. SandboxError with its last words if it ends instead."""
    if wanted.port:
        _require_free(wanted.port)
    command = [
        *(sys.executable, "-m", "hpcctl.sandbox", "--home", str(paths.home)),
        *("--port", str(wanted.port or DEFAULT_PORT), "--port-tries", "1" if wanted.port else str(_TRIES)),
        *("--ssh-port", str(_ssh_port(paths, wanted))),
        *(() if wanted.machines else ("--no-machines",)),
        *(("--cold-boot",) if wanted.cold_boot else ()),
    ]
    if paths.log.exists():
        paths.log.replace(paths.log.with_suffix(".log.1"))
    with paths.log.open("wb") as log:
        paths.log.chmod(0o600)
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=paths.folder,
            env=_environment(),
        )
    return _await_start(paths, child)


def _environment() -> dict[str, str]:
    """Ours, but for the user's AWS: the service must neither fail on it nor use it."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    return {**ours, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def _await_start(paths: SandboxPaths, child: subprocess.Popen[bytes]) -> ServiceRecord:
    deadline = time.monotonic() + _START_SECONDS
    while not paths.record.exists():
        if child.poll() is not None or time.monotonic() > deadline:
            child.kill()
            child.wait()
            raise SandboxError(
                f"the sandbox did not start: {_last_words(paths.log)}", hint=f"the log: {paths.log}"
            )
        time.sleep(_POLL)
    child.returncode = 0  # it outlives us on purpose: no warning that it was not waited for
    return ServiceRecord.read(paths.record)


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace")[-_LOG_TAIL:].strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _require_free(port: int) -> None:
    """Say so before anything is started; the service finds out for itself in any case."""
    if not _is_free("127.0.0.1", port):
        hint = "choose another one with --port, or leave --port out"
        raise SandboxError(f"port {port} of 127.0.0.1 is taken", hint=hint)


def _ssh_port(paths: SandboxPaths, wanted: Wanted) -> int:
    """A port on which nothing listens at the addresses that machines will get."""
    from hpcctl.sandbox.api.addresses import LoopbackAddresses, PortTaken

    if not wanted.machines:
        return _SSH_PORT
    for port in range(_SSH_PORT, _SSH_PORT + _TRIES):
        with contextlib.suppress(PortTaken):
            LoopbackAddresses(paths.digest, port=port).take()
            return port
    raise SandboxError("no port for SSH is free", hint="see: ss -ltn")


def _is_free(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
