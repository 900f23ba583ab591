"""Start, find and end the background service of one HPCCTL_HOME.

Whether it lives is told by a lock that it holds, not by its number: a lock ends with its holder, even after
kill -9. What a dead service left behind is removed before another one starts.
"""

from __future__ import annotations

import contextlib
import fcntl
import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hpcctl.errors import SandboxError, UnreachableError
from hpcctl.progress import Progress
from hpcctl.sandbox.client import SandboxClient
from hpcctl.sandbox.model import NODE_ENDPOINT
from hpcctl.sandbox.paths import SandboxPaths, private_folder
from hpcctl.sandbox.record import ImageState, ServiceRecord, ServiceStatus
from hpcctl.spec.model import Cloud

DEFAULT_PORT = 4599
_SSH_PORT = 2222
_TRIES = 100
_POLL = 0.05
_START_SECONDS = 60
_END_SECONDS = 60
_LOG_TAIL = 2000
_UP_HINT = "run: hpcctl sandbox up"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How the service should be. ``port`` None: the default one, or the next that is free."""

    port: int | None = None
    machines: bool = True
    cold_boot: bool = False


def cloud(home: Path) -> Cloud:
    """The profile ``sandbox``. Raises UnreachableError if the sandbox is down."""
    record = running(home)
    if record is None:
        raise UnreachableError("the sandbox is down", hint=_UP_HINT)
    return Cloud(
        profile="sandbox",
        region="us-east-1",
        endpoint_url=record.url,
        node_endpoint_url=NODE_ENDPOINT,
        ssh_port=record.ssh_port,
        ssh_from="127.0.0.0/8",
        owner=getpass.getuser(),
    )


def running(home: Path) -> ServiceRecord | None:
    """The service of this home if it lives and answers soon, else None."""
    paths = SandboxPaths(home=home)
    return ServiceRecord.read(paths.record) if is_alive(paths) and paths.record.exists() else None


def status(home: Path) -> ServiceStatus | None:
    """How the service is, or None if it is down."""
    record = running(home)
    return SandboxClient(port=record.port).status() if record else None


def ensure_up(home: Path, *, progress: Progress, wanted: Wanted | None = None, wait: bool = True) -> None:
    """Start the sandbox unless it runs, and wait for its image (``wait`` False: only for its API).

    What a service that died left behind is removed first. Without ``wanted`` any service that runs will do.
    """
    paths = SandboxPaths(home=home)
    private_folder(paths.folder)
    with _door(paths):
        record = running(home)
        if record is None:
            with progress.phase("sandbox"):
                _require_installed(wanted or Wanted())
                clean(home)
                record = _start(paths, wanted or Wanted())
        elif wanted:
            _require_same(record, wanted)
    if wait:
        wait_for_image(home, progress=progress)


def wait_for_image(home: Path, *, progress: Progress) -> None:
    """Wait until machines can start. If the image cannot be made the sandbox ends, and SandboxError says why."""
    record = running(home)
    if record is None:
        raise SandboxError("the sandbox has ended", hint=f"the log: {SandboxPaths(home=home).log}")
    client = SandboxClient(port=record.port)
    image = client.status().image
    if image.state is ImageState.PREPARING:
        with progress.phase("machine image"):
            while image.state is ImageState.PREPARING:
                progress.detail(image.detail)
                time.sleep(_POLL * 4)
                image = client.status().image
    if image.state is ImageState.FAILED:
        down(home)
        raise SandboxError(f"no machine image: {image.detail}", hint=image.hint)


def down(home: Path) -> bool:
    """End the sandbox and remove what it made, the image excepted. False if there was nothing to end."""
    paths = SandboxPaths(home=home)
    if not paths.folder.is_dir():
        return False
    with _door(paths):
        lived = is_alive(paths)
        if lived:
            _end(paths)
        left = paths.record.exists()
        clean(home)
    return lived or left


def clean(home: Path) -> None:
    """Remove what a service that is no longer alive left behind, its clusters included. Safe to repeat."""
    from hpcctl.sandbox.forget import forget_clusters
    from hpcctl.sandbox.machines.fleet import reap

    paths = SandboxPaths(home=home)
    reap(home)
    forget_clusters(home)
    with contextlib.suppress(SandboxError):
        shutil.rmtree(ServiceRecord.read(paths.record).sockets, ignore_errors=True)
    paths.record.unlink(missing_ok=True)


def is_alive(paths: SandboxPaths) -> bool:
    """Whether a service holds the lock of this home."""
    try:
        handle = os.open(paths.alive, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


@contextlib.contextmanager
def _door(paths: SandboxPaths) -> Iterator[None]:
    """One at a time may start or end the service."""
    handle = os.open(paths.door, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _require_installed(wanted: Wanted) -> None:
    from importlib.util import find_spec

    for package in ("moto", "flask"):
        if find_spec(package) is None:
            raise SandboxError(
                f"the Python package {package} is missing", hint="pip install 'hpcctl[sandbox]'"
            )
    if wanted.machines:
        from hpcctl.sandbox.machines.host import require_programs

        require_programs()


def _start(paths: SandboxPaths, wanted: Wanted) -> ServiceRecord:
    command = [
        *(sys.executable, "-m", "hpcctl.sandbox", "--home", str(paths.home)),
        *("--port", str(_choose_port(wanted.port)), "--ssh-port", str(_free_port("0.0.0.0", _SSH_PORT))),
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


def _choose_port(port: int | None) -> int:
    if port is None:
        return _free_port("127.0.0.1", DEFAULT_PORT)
    if not _is_free("127.0.0.1", port):
        raise SandboxError(
            f"port {port} of 127.0.0.1 is taken", hint="choose another one with --port, or leave --port out"
        )
    return port


def _free_port(address: str, first: int) -> int:
    for port in range(first, first + _TRIES):
        if _is_free(address, port):
            return port
    raise SandboxError(f"no port between {first} and {first + _TRIES} is free", hint="see: ss -ltn")


def _is_free(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def _require_same(record: ServiceRecord, wanted: Wanted) -> None:
    same = record.machines == wanted.machines and record.cold_boot == wanted.cold_boot
    if not same or wanted.port not in (None, record.port):
        raise SandboxError(
            f"the sandbox runs already, with other settings (port {record.port}, "
            f"{'machines' if record.machines else 'no machines'}, {'cold' if record.cold_boot else 'saved'} boot)",
            hint="run first: hpcctl sandbox down (every cluster in it is lost)",
        )


def _end(paths: SandboxPaths) -> None:
    """Ask the service to end; if it will not, kill it. Its number is good as long as it holds the lock."""
    pid = int(paths.alive.read_text() or 0)
    for number in (signal.SIGTERM, signal.SIGKILL):
        if pid and is_alive(paths):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if _await(lambda: not is_alive(paths), _END_SECONDS):
            return
    raise SandboxError(f"the sandbox (process {pid}) does not end", hint=f"the log: {paths.log}")


def _await(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True
