"""The folder of one cluster, ``$HPCCTL_HOME/clusters/NAME``, and the list of them::

    cluster.json      the record (see ``state``)
    terraform/        the root module, its values and its state
    ssh/              the cluster's key pairs, known_hosts, bootstrap_hosts
    log/              terraform.log and what the steps wrote

Folders are 0700, files 0600, every write atomic. The locks lie beside, in ``$HPCCTL_HOME/locks``.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from hpcctl.errors import StateError, UnknownCluster
from hpcctl.files import private_folder, write_atomically
from hpcctl.locks import Holder, active, locked
from hpcctl.nearest import did_you_mean
from hpcctl.state import ClusterRecord

_RECORD = "cluster.json"


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """Where one cluster's files are. Nothing is made before something is written."""

    home: Path
    name: str

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
        try:
            return ClusterRecord.from_json(json.loads(self.record_path.read_text(encoding="utf-8")))
        except (FileNotFoundError, NotADirectoryError):
            raise _unknown(self.home, self.name) from None
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise StateError(
                f"{self.record_path} is damaged: {_reason(error)}", hint=self._repair()
            ) from error
        except OSError as error:
            raise StateError(
                f"{self.record_path} cannot be read: {error.strerror}", hint=self._repair()
            ) from error

    def save(self, record: ClusterRecord) -> None:
        """Put the record in its place, atomically."""
        write_files(self.path, {_RECORD: json.dumps(record.to_json(), indent=2) + "\n"})

    def lock(
        self, verb: str, *, wait: bool = False, say: Callable[[str], None] | None = None
    ) -> AbstractContextManager[None]:
        """Nobody else works on this cluster meanwhile; raises Locked (or waits) if somebody does."""
        return locked(self._lock_path, verb=verb, wait=wait, say=say)

    def busy(self) -> Holder | None:
        """Who works on this cluster now, if anybody."""
        return active(self._lock_path)

    @property
    def _lock_path(self) -> Path:
        return self.home / "locks" / f"{self.name}.lock"

    def remove(self) -> None:
        """Forget the cluster. The folder disappears in one move and is emptied afterwards."""
        doomed = self.path.with_name(f".{self.name}.removed")
        shutil.rmtree(doomed, ignore_errors=True)
        try:
            self.path.rename(doomed)
        except FileNotFoundError:
            return
        shutil.rmtree(doomed, ignore_errors=True)

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


def _unknown(home: Path, name: str) -> UnknownCluster:
    known = [workspace.name for workspace in workspaces(home)]
    listing = f"the clusters are: {', '.join(known)}" if known else "there are none: hpcctl create --help"
    return UnknownCluster(f"no cluster is called {name!r}", hint=did_you_mean(name, known, otherwise=listing))


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
