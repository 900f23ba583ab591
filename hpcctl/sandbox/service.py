"""The background process: the API on loopback and on the machines' socket, until it is told to end."""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import logging
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hpcctl.errors import SandboxError
from hpcctl.sandbox.model import Machines
from hpcctl.sandbox.paths import SandboxPaths, private_folder
from hpcctl.sandbox.record import ServiceRecord

_LOG = logging.getLogger(__name__)
_LOCK_SECONDS = 5
_CHILDREN_SECONDS = 30
_LOCK_POLL = 0.02


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the service was asked to be."""

    home: Path
    ports: Sequence[int]
    ssh_port: int
    machines: bool
    cold_boot: bool


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; then leave nothing behind."""
    from hpcctl.sandbox.api.gate import new_token
    from hpcctl.sandbox.api.http import reserve_port

    paths = SandboxPaths(home=settings.home)
    private_folder(paths.folder)
    alive = _lock(paths.alive)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    sockets = private_folder(paths.sockets)
    reserved = reserve_port(settings.ports)
    record = ServiceRecord(
        sockets=str(sockets),
        pid=os.getpid(),
        port=reserved.getsockname()[1],
        token=new_token(),
        ssh_port=settings.ssh_port,
        machines=settings.machines,
        cold_boot=settings.cold_boot,
        started=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    )
    close = _open(settings, record, reserved)
    try:
        record.write(paths.record)
        _LOG.info("the API answers at port %d", record.port)
        ended.wait()
    finally:
        _LOG.info("ending")
        close()
        _end_children()
        paths.record.unlink(missing_ok=True)
        shutil.rmtree(sockets, ignore_errors=True)
        _LOG.info("ended (descriptor %d, the lock, goes with the process)", alive)


def _end_children() -> None:
    """Have an image that is being made cleaned up by whoever makes it, and wait for that."""
    if os.getpid() != os.getpgrp():  # started by hand: the group is not ours to end
        return
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    deadline = time.monotonic() + _CHILDREN_SECONDS
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(_LOCK_POLL)


def _lock(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:  # somebody who only looks whether it is locked holds it for a moment, too
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                os.close(handle)
                raise SandboxError("the sandbox of this HPCCTL_HOME runs already") from error
            time.sleep(_LOCK_POLL)
    os.truncate(handle, 0)
    os.write(handle, str(os.getpid()).encode())
    return handle


def _open(settings: Settings, record: ServiceRecord, reserved: socket.socket) -> Callable[[], None]:
    """Start everything; the returned function ends it."""
    from hpcctl.sandbox.api.addresses import LoopbackAddresses
    from hpcctl.sandbox.api.app import Api, furnish
    from hpcctl.sandbox.api.control import Control
    from hpcctl.sandbox.api.fleet import Fleet
    from hpcctl.sandbox.api.gate import Gate
    from hpcctl.sandbox.api.http import listen_on_loopback, listen_on_socket
    from hpcctl.sandbox.api.sockets import Sockets
    from hpcctl.sandbox.calls import CallBook
    from hpcctl.sandbox.faults import FaultBook

    paths = SandboxPaths(home=settings.home)
    sockets = Sockets(paths.sockets)
    fleet: Fleet | None = None

    def exited(instance_id: str) -> None:
        if fleet:
            fleet.exited(instance_id)

    fleet = Fleet(
        _machines(settings, exited), faults=FaultBook(), sockets=sockets, ssh_port=settings.ssh_port
    )
    furnish(fleet, LoopbackAddresses(paths.digest, port=settings.ssh_port, check=settings.machines))
    calls = CallBook()
    api = Api(fleet, Control(record, fleet, calls), calls)
    listeners = [
        listen_on_loopback(reserved, Gate(record.token, api)),
        listen_on_socket(sockets.api, api.for_nodes),
    ]
    fleet.preparation.begin()

    def close() -> None:
        for listener in listeners:
            listener.close()
        fleet.close()

    return close


def _machines(settings: Settings, exited: Callable[[str], None]) -> Machines:
    if not settings.machines:
        from hpcctl.sandbox.machines.none import NoMachines

        return NoMachines()
    from hpcctl.sandbox.machines.fleet import QemuMachines

    return QemuMachines(settings.home, cold_boot=settings.cold_boot, exited=exited)
