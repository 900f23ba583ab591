"""One shared cluster: its objects in the bucket, and this machine's copy of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from hpcctl.aws.objects import Place, Stored, delete, etags, read, write
from hpcctl.decode import decode
from hpcctl.errors import ChangedMeanwhile, StateError
from hpcctl.files import private_folder, write_atomically
from hpcctl.locks import Holder
from hpcctl.spec.model import Cloud
from hpcctl.spec.shared import FILES, LOCK, RECORD, ROOT, SEEN, STATE, key
from hpcctl.state import ClusterRecord
from hpcctl.stores.bundle import digest, gather, pack, put_profile, spread, unpack
from hpcctl.stores.copies import record_in
from hpcctl.stores.lease import read_claim
from hpcctl.terraform.environment import BACKEND_FILE


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the copy on this machine was made from: ETags, the files' digest, and who worked on it then."""

    record: str | None = None
    files: str | None = None
    digest: str = ""
    holder: Holder | None = None


@dataclass(frozen=True, kw_only=True)
class SharedCluster:
    """``folder`` is the workspace. Only who has the cluster's lock may push; ``pull`` needs no lock."""

    folder: Path
    name: str
    place: Place

    def key(self, part: str) -> str:
        """The object with one part of this cluster."""
        return key(self.name, part)

    def present(self) -> dict[str, str]:
        """The ETags of its objects, by part."""
        return parts_of(etags(self.place, self.key(""))).get(self.name, {})

    def record(self) -> ClusterRecord | None:
        """The record as it is in the bucket now; None where the cluster is not shared there."""
        stored = read(self.place, self.key(RECORD))
        return self._record(stored.body) if stored else None

    def pull(self, parts: Mapping[str, str] | None = None, *, anyway: bool = False) -> bool:
        """Bring the copy up to date; False where the bucket has no such cluster.

        ``parts`` are the ETags, if they have been asked for; with ``anyway`` the copy is not trusted.
        """
        now = self.present() if parts is None else parts
        if RECORD not in now:
            return False
        seen = Seen() if anyway else self.seen()
        # Without that file Terraform would begin with a state of its own.
        if now.get(FILES) != seen.files or not (self.folder / "terraform" / BACKEND_FILE).exists():
            seen = self._pull_files(seen)
        if now[RECORD] != seen.record or record_in(self.folder) is None:
            seen = self._pull_record(seen)
        claim = read_claim(self.place, self.key(LOCK)) if LOCK in now else None
        self._keep(replace(seen, holder=claim.holder if claim else None))
        return True

    def push(self, record: ClusterRecord) -> None:
        """Files first, where they have changed, then the record, in the bucket and here.

        StateError if somebody else wrote it meanwhile.
        """
        self.push_files(gather(self.folder))
        seen, body = self.seen(), _bytes(record)
        try:
            etag = write(self.place, self.key(RECORD), body, over=seen.record)
        except ChangedMeanwhile as error:
            raise StateError(
                f"{self.name} was changed by somebody else meanwhile: {error.message}",
                hint=f"nothing was overwritten; look at `hpcctl show {self.name}`, then run the same command again",
            ) from error
        # Killed in between, this machine asks for the record once more; the other way round it would trust an old one.
        self._put_here(body)
        self._keep(replace(seen, record=etag))

    def create(self, record: ClusterRecord) -> None:
        """Put a record where there is none yet; ChangedMeanwhile if there is."""
        etag = write(self.place, self.key(RECORD), _bytes(record), over=None)
        self._keep(replace(self.seen(), record=etag))

    def give_up(self) -> None:
        """Remove the record that was seen last, and no other."""
        delete(self.place, self.key(RECORD), over=self.seen().record)

    def push_files(self, files: Mapping[str, str]) -> None:
        """The shared files, if they are not in the bucket already."""
        body, seen = pack(files), self.seen()
        if digest(body) == seen.digest and seen.files:
            return
        stored = read(self.place, self.key(FILES))
        etag = write(self.place, self.key(FILES), body, over=stored.etag if stored else None)
        self._keep(replace(seen, files=etag, digest=digest(body)))

    def remove(self) -> None:
        """Out of the bucket: the record first, so that nobody sees a cluster of which parts are missing."""
        delete(self.place, self.key(RECORD))
        self.remove_rest()

    def remove_rest(self) -> None:
        """What is left of a cluster that has no record in the bucket any more; its lock is its holder's."""
        for part in self.present():
            if part != LOCK:
                delete(self.place, self.key(part))

    def state(self) -> Stored | None:
        """Terraform's state as it is in the bucket."""
        return read(self.place, self.key(STATE))

    def has_resources(self) -> bool:
        """Does Terraform's state speak of anything that exists?"""
        state = self.state()
        try:
            return bool(state and json.loads(state.body).get("resources"))
        except (ValueError, AttributeError):
            return True

    def forget_record(self) -> None:
        """The record is not in the bucket any more: the next push makes it anew."""
        self._keep(replace(self.seen(), record=None))

    def forget_holder(self) -> None:
        """Nobody works on it any more: we did, and have ended."""
        if self.seen().holder:
            self._keep(replace(self.seen(), holder=None))

    def seen(self) -> Seen:
        """What the copy on this machine was made from."""
        return seen(self.folder)

    def _pull_files(self, seen: Seen) -> Seen:
        stored = read(self.place, self.key(FILES))
        if stored is None:
            return seen
        files = unpack(stored.body, self.name)
        spread(self.folder, files)
        put_profile(self.folder, self.place.cloud)
        return replace(seen, files=stored.etag, digest=digest(pack(files)))

    def _pull_record(self, seen: Seen) -> Seen:
        stored = read(self.place, self.key(RECORD))
        if stored is None:
            return seen
        record = self._record(stored.body)
        self._put_here(_bytes(record))
        return replace(seen, record=stored.etag)

    def _record(self, body: bytes) -> ClusterRecord:
        try:
            record = ClusterRecord.from_json(json.loads(body))
        except ValueError as error:
            raise StateError(
                f"{self.key(RECORD)} in the bucket {self.place.bucket} cannot be read: {error}",
                hint="was it written by a newer hpcctl? The bucket keeps older versions of it",
            ) from error
        if record.spec.name != self.name:
            raise StateError(
                f"{self.key(RECORD)} in the bucket {self.place.bucket} is damaged: "
                f"it is the record of {record.spec.name!r}, not of {self.name!r}",
                hint="bring back its last good version: the bucket keeps them",
            )
        return replace(record, cloud=localised(record.cloud, self.place.cloud))

    def _put_here(self, body: bytes) -> None:
        private_folder(self.folder)
        write_atomically(self.folder / RECORD, body)

    def _keep(self, seen: Seen) -> None:
        private_folder(self.folder)
        write_atomically(self.folder / SEEN, json.dumps(asdict(seen), indent=2) + "\n")


def seen(folder: Path) -> Seen:
    """What the copy in a workspace was made from; nothing where it is no copy."""
    try:
        return decode(Seen, json.loads((folder / SEEN).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return Seen()


def localised(cloud: Cloud, own: Cloud) -> Cloud:
    """The cluster's cloud as this machine reaches it: by its own profile, whatever a colleague calls theirs."""
    return replace(
        cloud,
        profile=own.profile,
        aws_profile=own.aws_profile,
        endpoint_url=own.endpoint_url,
        node_endpoint_url=own.node_endpoint_url,
    )


def parts_of(found: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """ETags by cluster and part, from ETags by key."""
    clusters: dict[str, dict[str, str]] = {}
    for path, etag in found.items():
        name, _, part = path.removeprefix(ROOT).partition("/")
        clusters.setdefault(name, {})[part] = etag
    return clusters


def _bytes(record: ClusterRecord) -> bytes:
    return (json.dumps(record.to_json(), indent=2) + "\n").encode()
