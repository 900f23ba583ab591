"""Which clusters are shared, and where: from the records on this machine, then from the buckets of its profiles."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hpcctl.aws.caller import account
from hpcctl.aws.objects import Place, etags
from hpcctl.clouds import team_clouds
from hpcctl.errors import CloudError, HpcctlError, NoBucket, StateError
from hpcctl.files import forget
from hpcctl.locks import active, locked
from hpcctl.spec.model import S3, Cloud
from hpcctl.spec.shared import RECORD, ROOT, STATE, key, state_bucket
from hpcctl.state import ClusterRecord
from hpcctl.stores.shared import SharedCluster, parts_of

_CLOSED = ("AccessDenied", "403")


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the buckets of this machine's profiles have; ``problems`` are those that could not be asked."""

    clusters: tuple[SharedCluster, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SharedNames:
    """The clusters that one bucket has; ``problem`` says why it could not be asked, and then there are no names."""

    names: frozenset[str] = frozenset()
    problem: str = ""


def place_of(cloud: Cloud, number: str | None = None) -> Place:
    """The bucket for shared clusters of a cloud; ``number`` is the account, if it is known."""
    owner = number or account(cloud)
    return Place(cloud=cloud, bucket=state_bucket(owner, cloud.region), account=owner)


def shared_cluster(cloud: Cloud, name: str, folder: Path, number: str | None = None) -> SharedCluster:
    """The cluster in the bucket of its cloud, with ``folder`` as this machine's copy."""
    return SharedCluster(folder=folder, name=name, place=place_of(cloud, number))


def shared_names(cloud: Cloud, number: str | None = None) -> SharedNames:
    """What the bucket of the account (``number``) and region has, whether or not the profile shares; by one call.

    No bucket, no names; a bucket that is closed to the caller has none either, and says so. Other CloudErrors come out.
    """
    try:
        listed = parts_of(etags(place_of(cloud, number), ROOT))
    except NoBucket:
        return SharedNames()
    except CloudError as error:
        if error.code not in _CLOSED:
            raise
        return SharedNames(problem=error.message)
    # A record may have vanished: then the state still tells that machines are there.
    return SharedNames(names=frozenset(name for name, parts in listed.items() if {RECORD, STATE} & {*parts}))


def find(home: Path, name: str) -> Found:
    """The cluster ``name`` in the buckets of all profiles that share."""
    found: list[SharedCluster] = []
    problems: list[str] = []
    for cloud in team_clouds(home, os.environ):
        with _told(cloud.profile, problems):
            place = place_of(cloud)
            if key(name, RECORD) in etags(place, key(name, "")):
                found.append(SharedCluster(folder=home / "clusters" / name, name=name, place=place))
    return Found(clusters=tuple(found), problems=tuple(problems))


def refresh(home: Path, own: Mapping[str, ClusterRecord]) -> tuple[str, ...]:
    """Bring the copies of all shared clusters up to date; what could not be asked, in words.

    ``own`` are the records that this machine has, by name. One call for each bucket, and one for each object that
    has changed since.
    """
    problems: list[str] = []
    for place in _places(home, own, problems):
        with _told(place.cloud.profile, problems):
            listed = parts_of(etags(place, ROOT))
            shared = {record.spec.name for record in own.values() if _is_in(record, place)}
            for name in sorted({*listed, *shared}):
                if name in shared or name not in own:
                    cluster = SharedCluster(folder=home / "clusters" / name, name=name, place=place)
                    with _told(name, problems):
                        copy(home, cluster, listed.get(name, {}))
    return tuple(problems)


def copy(home: Path, cluster: SharedCluster, parts: Mapping[str, str] | None = None) -> None:
    """Bring this machine's copy up to date, unless an hpcctl on this machine works on it, and so knows better."""
    if not active(home / "locks" / f"{cluster.name}.lock"):
        copy_under_lock(home, cluster, parts)


def copy_under_lock(
    home: Path, cluster: SharedCluster, parts: Mapping[str, str] | None = None, *, rebuilding: bool = False
) -> None:
    """As ``copy``, for who works on it. A cluster that somebody else has terminated is forgotten here.

    Who is ``rebuilding`` it keeps what is here where the record has vanished from the bucket.
    """
    with locked(home / "locks" / f".{cluster.name}.copy.lock", verb="copy", wait=True):
        now = cluster.present() if parts is None else parts
        if cluster.pull(now) or not (cluster.folder / RECORD).exists():
            return
        if rebuilding:
            cluster.forget_record()
        else:
            _require_gone(cluster)
            forget(cluster.folder)


def _require_gone(cluster: SharedCluster) -> None:
    """StateError where only the record has vanished from the bucket, and the machines may still be there."""
    if cluster.has_resources():
        raise StateError(
            f"{cluster.key(RECORD)} has vanished from the bucket {cluster.place.bucket}, Terraform's state has not",
            hint="bring back its last version (the bucket keeps them), "
            f"or rebuild it from the account: `hpcctl recover {cluster.name}`",
        )


def _places(home: Path, own: Mapping[str, ClusterRecord], problems: list[str]) -> tuple[Place, ...]:
    """Every bucket once: those of the profiles that share, and those of the copies that are here."""
    places: dict[tuple[str, str | None], Place] = {}
    for record in own.values():
        if record.cloud.state == S3 and record.facts:
            place = place_of(record.cloud, record.facts.account)
            places[place.bucket, place.cloud.endpoint_url] = place
    for cloud in team_clouds(home, os.environ):
        with _told(cloud.profile, problems):
            place = place_of(cloud)
            places[place.bucket, place.cloud.endpoint_url] = place
    return tuple(places.values())


def _is_in(record: ClusterRecord, place: Place) -> bool:
    cloud = record.cloud
    number = record.facts.account if record.facts else place.account
    return (cloud.state, cloud.region, cloud.endpoint_url, number) == (
        S3,
        place.cloud.region,
        place.cloud.endpoint_url,
        place.account,
    )


@contextmanager
def _told(subject: str, problems: list[str]) -> Iterator[None]:
    """What cannot be asked holds nothing else up. A bucket that nobody has made yet has no clusters."""
    try:
        yield
    except NoBucket:
        pass
    except HpcctlError as error:
        problems.append(f"{subject}: {error.message}")
