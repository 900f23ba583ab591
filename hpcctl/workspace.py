"""The folder of one cluster, ``$HPCCTL_HOME/clusters/NAME``, and the list of them::

    cluster.json      the record (see ``state``)
    terraform/        the root module, its values and its state
    ssh/              the cluster's key pairs, known_hosts, bootstrap_hosts
    log/              terraform.log and what the steps wrote

Folders are 0700, files 0600, every write atomic. The locks lie beside, in ``$HPCCTL_HOME/locks``.

The folder of a cluster that a team shares is a copy of what is in a bucket (``stores``): ``lock`` holds off colleagues
as well and brings the copy up to date, ``save`` writes to the bucket first, ``load`` fetches what is not here yet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hpcctl.errors import CloudError, StateError, UnknownCluster
from hpcctl.files import forget, move_away, private_folder, write_atomically
from hpcctl.locks import Holder, active, locked
from hpcctl.nearest import did_you_mean
from hpcctl.spec.model import S3, Cloud
from hpcctl.spec.shared import MOVE, RECOVER, SEEN
from hpcctl.state import ClusterRecord
from hpcctl.stores.copies import fetch, record_in, shared_cloud

if TYPE_CHECKING:
    from hpcctl.stores.holding import Held
    from hpcctl.stores.shared import SharedCluster

_RECORD = "cluster.json"


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """Where one cluster's files are. Nothing is made before something is written.

    ``cloud`` is where a cluster that is not there yet will be made; who makes it says so.
    """

    home: Path
    name: str
    cloud: Cloud | None = None

    @property
    def path(self) -> Path:
        """The folder itself."""
        return self.home / "clusters" / self.name

    @property
    def terraform(self) -> Path:
        """Terraform's folder; a person can run ``terraform destroy`` there."""
        return self.path / "terraform"

    @property
    def log(self) -> Path:
        """The folder of the logs."""
        return self.path / "log"

    @property
    def record_path(self) -> Path:
        """cluster.json."""
        return self.path / _RECORD

    @property
    def identity(self) -> Path:
        """The private key for logins from this machine."""
        return self.path / "ssh" / "id_ed25519"

    @property
    def cluster_key(self) -> Path:
        """The private key for logins between the nodes."""
        return self.path / "ssh" / "cluster_ed25519"

    @property
    def known_hosts(self) -> Path:
        """The hosts' public keys, one line each; two for a host whose key is being replaced."""
        return self.path / "ssh" / "known_hosts"

    @property
    def bootstrap_hosts(self) -> Path:
        """The public keys of the hosts' first moments, as in ``known_hosts``: those that user data brings."""
        return self.path / "ssh" / "bootstrap_hosts"

    @property
    def new_host_keys(self) -> Path:
        """Key pairs on their way to the hosts (JSON); gone when all have arrived."""
        return self.path / "ssh" / "new_host_keys.json"

    def exists(self) -> bool:
        """Has a record been saved here?"""
        return self.record_path.exists()

    def load(self) -> ClusterRecord:
        """The record. UnknownCluster (with the nearest names), or StateError if the file is damaged."""
        problems = () if self.exists() else fetch(self.home, self.name)
        try:
            return ClusterRecord.from_json(json.loads(self.record_path.read_text(encoding="utf-8")))
        except (FileNotFoundError, NotADirectoryError):
            raise _unknown(self.home, self.name, problems) from None
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise StateError(
                f"{self.record_path} is damaged: {_reason(error)}", hint=self._repair()
            ) from error
        except OSError as error:
            raise StateError(
                f"{self.record_path} cannot be read: {error.strerror}", hint=self._repair()
            ) from error

    def save(self, record: ClusterRecord) -> None:
        """Put the record in its place, atomically; of a shared cluster first in the bucket, and only under its lock."""
        if record.cloud.state == S3:
            mine = _held(self.path)
            if mine is None:
                raise StateError(f"{self.name} is shared: nothing can be written down without its lock")
            mine.push(record)
            return
        write_files(self.path, {_RECORD: json.dumps(record.to_json(), indent=2) + "\n"})

    def current(self) -> ClusterRecord:
        """The record as ``load`` gives it, after a look at what colleagues have made of it."""
        with suppress(CloudError):  # no answer: what is here is what is known
            cluster = self._shared()
            if cluster:
                from hpcctl.stores.team import copy

                copy(self.home, cluster)
        return self.load()

    @contextmanager
    def lock(
        self, verb: str, *, wait: bool = False, say: Callable[[str], None] | None = None
    ) -> Iterator[None]:
        """Nobody else works on this cluster meanwhile; raises Locked (or waits) if somebody does."""
        with locked(self._lock_path, verb=verb, wait=wait, say=say), ExitStack() as opened:
            cluster = self._shared()
            if cluster:
                from hpcctl.stores.holding import holding
                from hpcctl.stores.team import copy_under_lock

                opened.enter_context(holding(cluster, self.home, verb=verb, wait=wait, say=say))
                copy_under_lock(self.home, cluster, rebuilding=verb == RECOVER)
            if verb != MOVE:
                _require_settled(self)
            yield

    def busy(self) -> Holder | None:
        """Who works on this cluster now, if anybody; of a colleague only what the last look into the bucket told."""
        here = active(self._lock_path)
        if here or not (self.path / SEEN).exists():
            return here
        from hpcctl.stores.shared import seen

        return seen(self.path).holder

    @property
    def _lock_path(self) -> Path:
        return self.home / "locks" / f"{self.name}.lock"

    def remove(self, *, swept: bool = True) -> None:
        """Forget the cluster, in the bucket as well if it is shared and we have its lock.

        The folder disappears in one move and is emptied afterwards; not ``swept``: by ``logins.publish``, when no
        entry for ssh leads there any more.
        """
        mine = _held(self.path)
        if mine:
            mine.remove()
        if swept:
            forget(self.path)
        else:
            move_away(self.path)

    def share(self) -> None:
        """Of a shared cluster, put files that have changed into the bucket now, without a new record."""
        mine = _held(self.path)
        if mine:
            mine.push_files()

    def _shared(self) -> SharedCluster | None:
        """What this cluster is, or will be, in a bucket; None for one of this machine alone."""
        found = shared_cloud(self.home, self.name, self.cloud)
        if found is None:
            return None
        from hpcctl.stores.team import shared_cluster

        return shared_cluster(found[0], self.name, self.path, found[1])

    def _repair(self) -> str:
        return f"hpcctl recover {self.name} writes it again from what the account says"


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write {relative path: text} below ``folder``, each file atomically and for this user only."""
    try:
        for relative, text in files.items():
            path = folder / relative
            private_folder(path.parent)
            write_atomically(path, text)
    except OSError as error:
        raise StateError(f"cannot write to {folder}: {error.strerror}", hint="is the disk full?") from error


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a listing: the record, or why it cannot be read."""

    workspace: Workspace
    record: ClusterRecord | None
    error: StateError | None = None


def workspaces(home: Path) -> tuple[Workspace, ...]:
    """All clusters known here, by name. StateError where ``home`` cannot be what it should be."""
    folder = home / "clusters"
    for place in (home, folder):
        if place.exists() and not place.is_dir():
            hint = "HPCCTL_HOME says where hpcctl keeps its files; it must be a folder"
            raise StateError(f"{place} is not a folder", hint=hint)
    names = (path.name for path in folder.iterdir() if (path / _RECORD).exists()) if folder.is_dir() else ()
    return tuple(Workspace(home=home, name=name) for name in sorted(names) if not name.startswith("."))


def entries(home: Path) -> tuple[Entry, ...]:
    """All clusters with their records; a damaged one does not hide the others."""
    return tuple(_entry(workspace) for workspace in workspaces(home))


def records(home: Path) -> tuple[ClusterRecord, ...]:
    """The records that can be read."""
    return tuple(entry.record for entry in entries(home) if entry.record)


def _entry(workspace: Workspace) -> Entry:
    try:
        return Entry(workspace=workspace, record=workspace.load())
    except StateError as error:
        return Entry(workspace=workspace, record=None, error=error)


def _require_settled(workspace: Workspace) -> None:
    record = record_in(workspace.path)
    if record and record.moving:
        raise StateError(
            f"{workspace.name} is being moved",
            hint=f"`hpcctl move {workspace.name} --to {record.moving}` finishes that; "
            "the other direction takes it back",
        )


def _held(folder: Path) -> Held | None:
    """The lock in the bucket that this process has on a shared cluster."""
    from hpcctl.stores.holding import held

    return held(folder)


def _unknown(home: Path, name: str, problems: Sequence[str] = ()) -> UnknownCluster:
    known = [workspace.name for workspace in workspaces(home)]
    listing = f"the clusters are: {', '.join(known)}" if known else "there are none: hpcctl create --help"
    if problems:
        message = (
            f"no cluster is called {name!r} here, and not all others could be asked: {'; '.join(problems)}"
        )
        return UnknownCluster(message, hint=listing)
    if (home / "clusters" / name / "log").exists():  # Terraform ran there, so there may be machines
        hint = f"its folder is there, and has lost its record: hpcctl recover {name}"
        return UnknownCluster(f"no cluster is called {name!r}", hint=hint)
    return UnknownCluster(f"no cluster is called {name!r}", hint=did_you_mean(name, known, otherwise=listing))


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
