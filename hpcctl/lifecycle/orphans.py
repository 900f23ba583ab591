"""What carries hpcctl's tags and belongs to no cluster that is known here; what it costs; and its removal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from hpcctl.aws import items, prices
from hpcctl.aws.items import Part
from hpcctl.aws.removal import remove
from hpcctl.aws.survey import Belonging, Kind, Shared, Survey, survey
from hpcctl.errors import UsageError
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.damage import values_of
from hpcctl.spec.model import Cloud
from hpcctl.state import HOURS_A_MONTH
from hpcctl.stores.team import SharedNames, shared_names
from hpcctl.workspace import Workspace, entries

MIN_AGE = timedelta(hours=1)
"""Younger ones may be in the making, on another machine."""


class Verdict(str, Enum):
    """May it be removed?"""

    ORPHAN = "orphan"
    NEW = "new"
    ANOTHERS = "another's"
    SHARED = "shared"
    KEPT = "kept"


@dataclass(frozen=True, kw_only=True)
class Orphan:
    """One cluster that nobody here knows, or what is left of one. ``usd``: a month, None where it is not known."""

    name: str
    cluster_id: str
    owner: str
    verdict: Verdict
    born: datetime | None
    belongings: tuple[Belonging, ...]
    usd: float | None

    def count(self, kind: Kind) -> int:
        """How many of a kind it has."""
        return sum(one.kind is kind for one in self.belongings)


@dataclass(frozen=True, kw_only=True)
class Orphans:
    """All of them, and the bases, which are none; ``unasked``: why it is not known which of them a team shares."""

    clusters: tuple[Orphan, ...]
    bases: tuple[Shared, ...]
    unasked: str = ""

    @property
    def removable(self) -> tuple[Orphan, ...]:
        """Those that ``remove_orphans`` takes away without being told more: no volume that was to be kept."""
        return tuple(one for one in self.clusters if one.verdict is Verdict.ORPHAN)

    def kept(self, volume_ids: Sequence[str]) -> tuple[Orphan, ...]:
        """These volumes that were to be kept. UsageError where one of them is none."""
        kept = [one for one in self.clusters if one.verdict is Verdict.KEPT]
        there = {each.id for one in kept for each in one.belongings}
        unknown = [id_ for id_ in volume_ids if id_ not in there]
        if unknown:
            listed = f"those that are kept: {', '.join(sorted(there))}" if there else "none is kept"
            raise UsageError(f"no volume that was kept is called {', '.join(unknown)}", hint=listed)
        named = (
            replace(one, belongings=tuple(each for each in one.belongings if each.id in volume_ids))
            for one in kept
        )
        return tuple(one for one in named if one.belongings)


def find_orphans(
    home: Path, cloud: Cloud, *, all_owners: bool = False, min_age: timedelta = MIN_AGE
) -> Orphans:
    """Look at everything in the account and region. Clusters of this home, damaged ones as well, are no orphans.

    Nor are those of a team's bucket; the bucket is asked if there is anything to ask about.
    """
    seen = survey(cloud)
    known_ids, known_names = _known(home)
    unknown = [
        one
        for one in seen.belongings
        if one.cluster_id not in known_ids
        and one.cluster not in known_names
        and not _works_elsewhere(one, seen)
    ]
    shared = shared_names(cloud) if unknown else SharedNames()

    def verdict(belongings: Sequence[Belonging]) -> Verdict:
        if belongings[0].cluster in shared.names:
            return Verdict.SHARED
        found = _verdict(cloud, seen, belongings, all_owners, min_age)
        return Verdict.KEPT if belongings[0].kept and found is not Verdict.ANOTHERS else found

    clusters = [_orphan(home, cloud, some, verdict(some)) for some in _by_cluster(unknown)]
    return Orphans(
        clusters=tuple(
            sorted(clusters, key=lambda one: (one.name, one.cluster_id, one.verdict is Verdict.KEPT))
        ),
        bases=seen.bases,
        unasked=shared.problem,
    )


def remove_orphans(cloud: Cloud, orphans: Sequence[Orphan], *, context: Context) -> None:
    """Take them away in the order in which they hold each other. Safe to repeat."""
    with context.progress.phase("removing"):
        belongings = [one for orphan in orphans for one in orphan.belongings]
        remove(cloud, belongings, say=context.progress.detail)


def _by_cluster(belongings: Sequence[Belonging]) -> Iterator[tuple[Belonging, ...]]:
    """What belongs together; the volumes that a cluster was to leave behind are a matter of their own."""
    keys = dict.fromkeys((one.cluster_id, one.kept) for one in belongings)
    for key in keys:
        yield tuple(one for one in belongings if (one.cluster_id, one.kept) == key)


def _works_elsewhere(one: Belonging, seen: Survey) -> bool:
    """Is it a volume that was kept, and that another cluster, or somebody else, uses now?"""
    own = {each.id for each in seen.belongings if each.cluster_id == one.cluster_id}
    return one.kept and bool(one.attached_to) and one.attached_to not in own


def _known(home: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Ids of the clusters of this home; names of those whose id cannot be read."""
    ids, names = set(), set()
    folder = home / "clusters"
    named = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    records = {entry.workspace.name: entry.record for entry in entries(home)}
    for name in named:
        record = records.get(name)
        given = values_of(Workspace(home=home, name=name)).get("cluster_id")
        if record:
            ids.add(record.cluster_id)
        elif isinstance(given, str):
            ids.add(given)
        else:
            names.add(name)
    return frozenset(ids), frozenset(names)


def _verdict(
    cloud: Cloud, seen: Survey, belongings: Sequence[Belonging], all_owners: bool, min_age: timedelta
) -> Verdict:
    """By the cloud's clock: that of this machine may be wrong."""
    if not all_owners and any(one.owner != cloud.owner for one in belongings):
        return Verdict.ANOTHERS
    born = _born(belongings)
    return Verdict.NEW if born and seen.now - born < min_age else Verdict.ORPHAN


def _born(belongings: Sequence[Belonging]) -> datetime | None:
    return min((one.born for one in belongings if one.born), default=None)


def _orphan(home: Path, cloud: Cloud, belongings: Sequence[Belonging], verdict: Verdict) -> Orphan:
    first = belongings[0]
    return Orphan(
        name=first.cluster,
        cluster_id=first.cluster_id,
        owner=first.owner,
        verdict=verdict,
        born=_born(belongings),
        belongings=tuple(belongings),
        usd=_a_month(home, cloud, belongings),
    )


def _a_month(home: Path, cloud: Cloud, belongings: Sequence[Belonging]) -> float | None:
    """At list prices, if it goes on as it is now; None where one of them is not known."""
    volumes = [one for one in belongings if one.kind is Kind.VOLUME]
    running = [one for one in belongings if one.state in ("pending", "running")]
    parts = [
        *(part for one in volumes for part in _volume_parts(one)),
        *(Part(item=items.running(one.instance_type), amount=HOURS_A_MONTH) for one in running),
        *(Part(item=items.used_address(), amount=HOURS_A_MONTH) for _ in running),
    ]
    return prices.prices_of(cloud, (part.item for part in parts), home=home).total(parts)


def _volume_parts(one: Belonging) -> tuple[Part, ...]:
    return items.volume_parts(one.volume_type, one.gib, iops=one.iops, throughput=one.throughput)
