"""Start, find and end the background service of one HPCCTL_HOME.

Whether it lives is told by a lock that it holds, not by its number: a lock ends with its holder, even after
kill -9. What a dead service left behind is removed before another one starts.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from hpcctl.clouds import login_name
from hpcctl.errors import SandboxError, UnreachableError
from hpcctl.progress import Progress
from hpcctl.sandbox.client import SandboxClient
from hpcctl.sandbox.model import NODE_ENDPOINT
from hpcctl.sandbox.paths import SandboxPaths, private_folder
from hpcctl.sandbox.record import ImageState, ServiceRecord, ServiceStatus
from hpcctl.sandbox.spawn import Wanted, require_installed, start
from hpcctl.spec.model import Cloud

_POLL = 0.05
_END_SECONDS = 60
_BOOT_SECONDS = 240
_UP_HINT = "run: hpcctl sandbox up"


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
        ssh_from=("127.0.0.0/8",),
        owner=login_name(),
        boot_seconds=_BOOT_SECONDS,
    )


def running(home: Path) -> ServiceRecord | None:
    """The service of this home if it lives and answers soon, else None."""
    paths = SandboxPaths(home=home)
    if not is_alive(paths):
        return None
    try:
        return ServiceRecord.read(paths.record)
    except SandboxError:
        if not paths.record.exists():  # it is about to answer, or has just ended
            return None
        raise


def status(home: Path) -> ServiceStatus | None:
    """How the service is, or None if it is down."""
    record = running(home)
    return SandboxClient(url=record.url).status() if record else None


def ensure_up(home: Path, *, progress: Progress, wanted: Wanted | None = None, wait: bool = True) -> None:
    """Start the sandbox unless it runs, and wait for its image (``wait`` False: only for its API).

    What a service that died left behind is removed first. Without ``wanted`` any service that runs will do.
    """
    paths = SandboxPaths(home=home)
    private_folder(paths.folder)
    with _door(paths):
        _await(lambda: paths.record.exists() or not is_alive(paths), _END_SECONDS)
        record = running(home)
        if record is None:
            with progress.phase("sandbox"):
                require_installed(wanted or Wanted())
                clean(home)
                start(paths, wanted or Wanted())
        elif wanted:
            _require_same(record, wanted)
    if wait:
        wait_for_image(home, progress=progress)


def wait_for_image(home: Path, *, progress: Progress) -> None:
    """Wait until machines can start. If the image cannot be made the sandbox ends, and SandboxError says why."""
    record = running(home)
    if record is None:
        raise SandboxError("the sandbox has ended", hint=f"the log: {SandboxPaths(home=home).log}")
    client = SandboxClient(url=record.url)
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
