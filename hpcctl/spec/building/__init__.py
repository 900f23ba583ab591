"""From the body of a cluster, merged of all its layers, to a ClusterSpec or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hpcctl.errors import Problem, SpecError
from hpcctl.spec.authorize import read_authorized
from hpcctl.spec.building.files import Read, path_of, public_key, read_text, script
from hpcctl.spec.building.groups import (
    bodies_of,
    group_notes,
    group_of,
    group_problems,
    image_of,
    image_problems,
)
from hpcctl.spec.building.network import network_notes, network_of, network_problems
from hpcctl.spec.building.volumes import efs_of, share_of, volume_of, volume_problems
from hpcctl.spec.document.model import Section, problem_at
from hpcctl.spec.model import Authorized, ClusterSpec, Script
from hpcctl.spec.names import problems_with_new_name
from hpcctl.spec.places import Places, in_order, places_of
from hpcctl.spec.schema.checking import named, understood
from hpcctl.spec.schema.cluster import CLUSTER
from hpcctl.spec.schema.model import Body, Entry


@dataclass(frozen=True, kw_only=True)
class Built:
    """A spec and what belongs to it: places for problems that are found later, words of warning, and what is no
    part of a spec: the region and the file of the user's own key.

    Who else may log in is as their file says it: ``user`` may end in ``@02`` (see ``spec.seats``)."""

    spec: ClusterSpec
    places: Places
    notes: tuple[str, ...] = ()
    region: str | None = None
    key_file: Path | None = None


def built(
    section: Section, name: str, *, read: Read, besides: tuple[Problem, ...] = (), whole: bool = True
) -> Built:
    """The spec of a cluster called ``name``. SpecError lists every mistake, those found ``besides`` included.

    Of a section that could not be read to its end (``whole`` is false) only what it says is looked at.
    """
    cluster, problems = understood(section, CLUSTER, whole=whole)
    files = _files(cluster, read)
    refused = {problem.where for problem in besides}
    found = (
        *besides,
        *problems_with_new_name(name),
        *(problem for problem in problems if problem.where not in refused),
        *files.problems,
        *(_problems(cluster) if whole else ()),
    )
    if found:
        raise SpecError(in_order(found))
    return Built(
        spec=_spec(name, cluster, files),
        places=places_of(section),
        notes=(*_experimental(cluster), *group_notes(cluster), *network_notes(cluster)),
        region=cluster.text("region"),
        key_file=files.key_file,
    )


@dataclass(frozen=True, kw_only=True)
class _Files:
    """All files that were named; ``scripts`` in the order of the groups."""

    key_file: Path | None
    public_key: str | None
    authorized: tuple[Authorized, ...]
    scripts: tuple[tuple[Script, ...], ...]
    problems: tuple[Problem, ...]


def _files(cluster: Body, read: Read) -> _Files:
    problems: list[Problem] = []
    key, place = cluster.text("key"), cluster.place("key")
    own = public_key(key, place, read) if key else None
    scripts = []
    for body in bodies_of(cluster):
        made = [script(each, at, read) for each, at in body.each("user_data")]
        problems += [one for one in made if isinstance(one, Problem)]
        scripts.append(tuple(one for one in made if isinstance(one, Script)))
    problems += [own] if isinstance(own, Problem) else []
    return _Files(
        key_file=path_of(key, place) if key else None,
        public_key=own if isinstance(own, str) else None,
        authorized=_authorized(cluster, read, problems),
        scripts=tuple(scripts),
        problems=tuple(problems),
    )


def _authorized(cluster: Body, read: Read, problems: list[Problem]) -> tuple[Authorized, ...]:
    named, place = cluster.text("authorize"), cluster.place("authorize")
    text = read_text(named, place, read, what="a file of keys") if named else ""
    if isinstance(text, Problem):
        problems.append(text)
        return ()
    try:
        return read_authorized(text, str(path_of(named or "", place)))
    except SpecError as error:
        problems += error.problems
        return ()


def _problems(cluster: Body) -> Iterator[Problem]:
    yield from group_problems(cluster)
    yield from image_problems(cluster)
    yield from volume_problems(cluster.one("storage"))
    yield from network_problems(cluster)
    from hpcctl.spec.tags import MOST_OWN

    tags = cluster.pairs("tags")
    if len(tags) > MOST_OWN:
        what, hint = (
            f"{len(tags)} tags are too many",
            f"at most {MOST_OWN}: AWS takes 50, and hpcctl needs the others",
        )
        yield problem_at(cluster.place("tags"), what, hint)


def _spec(name: str, cluster: Body, files: _Files) -> ClusterSpec:
    storage, permanent = cluster.one("storage"), cluster.one("storage").one("permanent")
    head, *compute = (
        group_of(body, scripts, head_type=cluster.one("head").text("type") or "")
        for body, scripts in zip(bodies_of(cluster), files.scripts, strict=True)
    )
    zone = cluster.text("zone")
    return ClusterSpec(
        name=name,
        head=head,
        compute=tuple(compute),
        share=share_of(storage),
        volumes=tuple(volume_of(body) for body in storage.all("volume")),
        efs=tuple(efs_of(body) for body in storage.all("efs")),
        permanent=permanent.yes("enabled") is not False,
        bucket=permanent.text("bucket"),
        network=network_of(cluster),
        user=cluster.text("user") or "",
        shell=cluster.text("shell") or "",
        zones=(zone,) if zone else cluster.texts("zones"),
        image=image_of(cluster),
        public_key=files.public_key,
        authorized=files.authorized,
        ssh_from=tuple(dict.fromkeys(cluster.texts("ssh_from"))),
        tags=cluster.pairs("tags"),
        scheduler=cluster.text("scheduler") or "",
        lifetime_seconds=cluster.whole("lifetime"),
        min_nodes=cluster.whole("min_nodes"),
        boot_seconds=cluster.whole("boot_seconds"),
    )


def _experimental(body: Body) -> Iterator[str]:
    """A word on each thing that nobody has tried from end to end."""
    where = "" if body.block is CLUSTER else f"{named(body.section)}: "
    if body.block.experimental:
        yield f"experimental, not tested from end to end: {named(body.section)}"
    for entry in body.entries:
        if _untried(body, entry):
            yield f"experimental, not tested from end to end: {where}{entry.name} = {_in_hcl(entry)}"
    for inner in body.bodies:
        yield from _experimental(inner)


def _untried(body: Body, entry: Entry) -> bool:
    field = body.block.field(entry.name)
    return bool(field and entry.value in field.experimental)


def _in_hcl(entry: Entry) -> str:
    return str(entry.value).lower() if isinstance(entry.value, bool) else f'"{entry.value}"'
