"""Work on a shared cluster: its lock in the bucket held, the copy brought up to date, changes written back."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from secrets import token_hex

from hpcctl.aws.objects import delete, read
from hpcctl.errors import ChangedMeanwhile, CloudError, HpcctlError, StateError
from hpcctl.files import private_folder, write_atomically
from hpcctl.spec.shared import LOCK, MOVE, STATE_LOCK
from hpcctl.state import ClusterRecord
from hpcctl.stores.bundle import gather
from hpcctl.stores.lease import Claim, Lease, acquire
from hpcctl.stores.shared import SharedCluster
from hpcctl.terraform.adapter import log_path
from hpcctl.terraform.process import still_running

ABANDONED_SECONDS = 600.0
"""No change of a cluster takes so long: a lock of Terraform's that is older was left behind by one that was killed."""

Say = Callable[[str], None]


@dataclass
class Held:
    """A shared cluster whose lock this process has."""

    cluster: SharedCluster
    lease: Lease
    foreign: str | None = None
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def push(self, record: ClusterRecord) -> None:
        """The record and what has changed of the files; LockLost before anything is written."""
        with self._guard:
            self.lease.confirm()
            self.cluster.push(record)

    def push_files(self) -> None:
        """What has changed of the files, from whatever thread; LockLost before anything is written."""
        with self._guard:
            self.lease.confirm()
            self.cluster.push_files(gather(self.cluster.folder))

    def remove(self) -> None:
        """The cluster is gone: nothing of it stays in the bucket."""
        self.lease.confirm()
        self.cluster.remove()


_HELD: dict[Path, Held] = {}
"""What this process holds, by workspace: whoever saves a record finds its lock here."""


def held(folder: Path) -> Held | None:
    """The lock that this process has on the cluster of a workspace, if it has."""
    return _HELD.get(folder)


@contextmanager
def holding(
    cluster: SharedCluster, home: Path, *, verb: str, wait: bool = False, say: Say | None = None
) -> Iterator[Held]:
    """Nobody else, on whatever machine, works on the cluster meanwhile. Locked, or patience, if somebody does.

    The caller has the local lock already. Where the lock is lost while working, LockLost is what comes out.
    """
    lease, previous = acquire(cluster.place, cluster.key(LOCK), _claim(home, verb), wait=wait, say=say)
    mine = Held(cluster=cluster, lease=lease)
    _HELD[cluster.folder] = mine
    try:
        mine.foreign = _settle(cluster, previous, _claim(home, verb), say)
        yield mine
        lease.confirm()
    except (KeyboardInterrupt, HpcctlError):
        if lease.lost:
            lease.confirm()
        raise
    finally:
        del _HELD[cluster.folder]
        cluster.forget_holder()
        if not lease.lost:
            _leave(mine, write_back=verb != MOVE)
        lease.release()


def machine_id(home: Path) -> str:
    """What tells this HPCCTL_HOME from all others; drawn once."""
    path = home / "machine.json"
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["id"])
    except (OSError, ValueError, KeyError, TypeError):
        drawn = token_hex(8)
        private_folder(home)
        write_atomically(path, json.dumps({"id": drawn}) + "\n")
        return drawn


def _claim(home: Path, verb: str) -> Claim:
    return Claim(
        who=_user(),
        host=socket.gethostname(),
        home=machine_id(home),
        pid=os.getpid(),
        verb=verb,
        since=datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC"),
        token=token_hex(8),
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _settle(cluster: SharedCluster, previous: Claim | None, own: Claim, say: Say | None) -> str | None:
    """Terraform's own lock, if one that was killed left it behind, goes. The ETag of one that may be alive.

    Only who has the cluster's lock runs Terraform on it. So what is there now is of the lock's last holder: on this
    machine the kernel says whether its Terraform still runs; of another machine's one waits, but not for ever.
    """
    path = cluster.key(STATE_LOCK)
    stored = read(cluster.place, path)
    if stored is None:
        return None
    ours = previous is not None and previous.is_of(own)
    if (ours and not _is_running(cluster)) or stored.age_seconds >= ABANDONED_SECONDS:
        with contextlib.suppress(ChangedMeanwhile):
            delete(cluster.place, path, over=stored.etag)
            if say:
                say(f"removed a lock that a killed Terraform had left ({_words(stored.body)})")
        return None
    return stored.etag


def _leave(mine: Held, *, write_back: bool) -> None:
    """Before the lock goes back: files that were written without a record; the lock of a Terraform that was killed."""
    cluster = mine.cluster
    with contextlib.suppress(CloudError, StateError):
        if write_back and cluster.seen().record:
            cluster.push_files(gather(cluster.folder))
        stored = read(cluster.place, cluster.key(STATE_LOCK))
        if stored and stored.etag != mine.foreign and not _is_running(cluster):
            delete(cluster.place, cluster.key(STATE_LOCK), over=stored.etag)


def _is_running(cluster: SharedCluster) -> bool:
    return still_running(log_path(cluster.folder / "terraform")) is not None


def _words(body: bytes) -> str:
    try:
        info = json.loads(body)
        return f"of {info['Who']}, {info['Operation'].removeprefix('OperationType').lower()}, {info['Created'][:19]}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return "it says nothing of itself"
