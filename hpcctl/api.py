"""The Python API: clusters as objects, for scripts and notebooks (docs/python.md).

Everything that may be caught is an ``HpcctlError`` of ``hpcctl.errors``. Objects hold a name alone, so that several
threads may use several clusters, or the same one: what changes a cluster takes its lock.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hpcctl.errors import RemoteError, StateError, UnknownCluster
from hpcctl.home import home_folder
from hpcctl.progress import Saying
from hpcctl.workspace import Workspace, workspaces

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from hpcctl.lifecycle.configuring import CheckResult
    from hpcctl.lifecycle.context import Context
    from hpcctl.overview import ClusterStatus
    from hpcctl.spec.model import ClusterSpec
    from hpcctl.state import ClusterRecord
    from hpcctl.wishes import Wishes

Say = Callable[[str], None]
"""Told, in a line, of each thing that happens; ``print`` will do."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a command wrote, and its exit code."""

    stdout: str
    stderr: str
    code: int


@dataclass(frozen=True, kw_only=True)
class HostState:
    """A node as its cloud describes it at this moment. Addresses are None while it has none."""

    name: str
    role: str
    group: str
    state: str
    instance_id: str
    private_ip: str | None
    public_ip: str | None


class Cluster:
    """A cluster that is there. ``Cluster("demo")`` raises UnknownCluster where there is none."""

    def __init__(self, name: str, *, progress: Say | None = None, home: Path | None = None) -> None:
        self._workspace = Workspace(home=home or home_folder(os.environ), name=name)
        self._progress = progress
        self._workspace.current()

    def __repr__(self) -> str:
        return f"Cluster({self.name!r})"

    @property
    def name(self) -> str:
        """Its name."""
        return self._workspace.name

    @property
    def spec(self) -> ClusterSpec:
        """What was asked for."""
        return self._record.spec

    @property
    def state(self) -> str:
        """What it is now, as `hpcctl list` says: running, stopped, degraded, unfinished … Asks the cloud."""
        return self._status().state

    @property
    def hosts(self) -> tuple[HostState, ...]:
        """The nodes, the head first, each as it is now. Asks the cloud; CloudError where that does not answer."""
        return tuple(_hosts(self._status()))

    def run(self, command: str, *, node: str | None = None, input: str = "", check: bool = False) -> Result:
        """Run a command of the shell as the login user: on the head, or on the ``node`` of that name.

        With ``check`` an exit code that is not 0 is a RemoteError.
        """
        from hpcctl.lifecycle.using import execute

        done = execute(self.name, command, node=node, data=input, context=self._context())
        if check and done.code:
            words = (done.stderr or done.stdout).strip().splitlines()
            raise RemoteError(
                f"{self.name}: {command!r} ended with {done.code}{': ' if words else ''}{words[-1] if words else ''}"
            )
        return Result(stdout=done.stdout, stderr=done.stderr, code=done.code)

    def put(self, local: str | Path, remote: str) -> None:
        """Copy a file to the head; ``remote`` is relative to the login user's home. /share is the same on all nodes."""
        from hpcctl.lifecycle.using import put

        put(self.name, Path(local), remote, context=self._context())

    def get(self, remote: str, local: str | Path) -> None:
        """Copy a file from the head."""
        from hpcctl.lifecycle.using import get

        get(self.name, remote, Path(local), context=self._context())

    def check(self) -> tuple[CheckResult, ...]:
        """Try everything that the cluster promises; what fails is a result, not an error."""
        from hpcctl.lifecycle.checking import check

        return check(self.name, context=self._context())

    def stop(self, *, force: bool = False) -> None:
        """Stop all nodes; disks and queues are kept. Safe to repeat."""
        from hpcctl.lifecycle.stopping import stop

        with self._publishing():
            stop(self.name, context=self._context(), force=force)

    def start(self) -> None:
        """Start a stopped cluster, configure and check it. Safe to repeat."""
        from hpcctl.lifecycle.starting import start

        with self._publishing():
            start(self.name, context=self._context())

    def terminate(self) -> None:
        """Take it away, with everything on /share. Nobody is asked."""
        from hpcctl.lifecycle.terminating import terminate

        with self._publishing():
            terminate(self.name, context=self._context())

    @classmethod
    def list(cls, *, home: Path | None = None) -> tuple[Self, ...]:
        """All clusters that are known on this machine."""
        return tuple(cls(each.name, home=each.home) for each in workspaces(home or home_folder(os.environ)))

    @classmethod
    def create(
        cls, name: str, *, progress: Say | None = None, home: Path | None = None, **wishes: Unpack[Wishes]
    ) -> Self:
        """Make a cluster, as `hpcctl create` does: ``nodes``, ``type`` and ``share``, or a ``file``; see ``Wishes``.

        Raises SpecError (with all that is wrong) before anything is made. What failed afterwards is finished by the
        same call.
        """
        from hpcctl.lifecycle.creating import create
        from hpcctl.wishes import request

        place = home or home_folder(os.environ)
        saying = Saying(progress)
        wanted = request(name, wishes, home=place, environ=os.environ, progress=saying)
        try:
            with wanted.told_at():
                create(wanted.request, context=_context(place, saying))
        finally:
            _publish(place, saying)
        return cls(name, progress=progress, home=place)

    @classmethod
    @contextmanager
    def temporary(
        cls, name: str, *, progress: Say | None = None, home: Path | None = None, **wishes: Unpack[Wishes]
    ) -> Iterator[Self]:
        """A cluster for the length of a ``with``: made at its beginning, terminated at its end, whatever happens.

        One of that name that is there already, unfinished ones included, is a StateError, and stays.
        """
        place = home or home_folder(os.environ)
        if Workspace(home=place, name=name).exists():
            raise StateError(f"there is a cluster called {name} already", hint="choose another name")
        try:
            yield cls.create(name, progress=progress, home=place, **wishes)
        finally:
            with suppress(UnknownCluster):
                cls(name, progress=progress, home=place).terminate()

    @property
    def _record(self) -> ClusterRecord:
        return self._workspace.load()

    def _status(self) -> ClusterStatus:
        from hpcctl.overview import status_of

        return status_of(self._workspace.home, self.name)

    def _context(self) -> Context:
        return _context(self._workspace.home, Saying(self._progress))

    @contextmanager
    def _publishing(self) -> Iterator[None]:
        """Afterwards ssh knows the addresses as they are then."""
        try:
            yield
        finally:
            _publish(self._workspace.home, Saying(self._progress))


def _context(home: Path, saying: Saying) -> Context:
    from hpcctl.lifecycle.context import Context

    return Context(home=home, progress=saying, wait=True)


def _publish(home: Path, saying: Saying) -> None:
    from hpcctl.logins import publish

    for warning in publish(home, ssh_folder=Path.home() / ".ssh"):
        saying.warn(warning)


def _hosts(status: ClusterStatus) -> Iterator[HostState]:
    from hpcctl.errors import CloudError

    if status.problem:
        raise CloudError(f"{status.name}: {status.problem}", hint=f"hpcctl show {status.name}")
    live = {one.node: one for one in status.instances}
    inventory = status.record.inventory if status.record else None
    for host in inventory.hosts if inventory else tuple(one.host for one in status.instances):
        now = live.get(host.name)
        yield HostState(
            name=host.name,
            role=host.role.value,
            group=host.group,
            state=now.state if now else "gone",
            instance_id=now.instance_id if now else host.instance_id,
            private_ip=(now.private_ip or host.private_ip) if now else host.private_ip,
            public_ip=now.public_ip if now else None,
        )
