"""The keywords of ``Cluster.create``, and the request that they make: what `hpcctl create` takes, in Python's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from hpcctl.choosing import chosen_cloud
from hpcctl.clouds import defaults_of, profile_name
from hpcctl.errors import SpecError, UsageError
from hpcctl.nearest import did_you_mean
from hpcctl.progress import Progress

if TYPE_CHECKING:
    from hpcctl.lifecycle.asking import Asked
    from hpcctl.lifecycle.creating import CreateRequest
    from hpcctl.spec.document.model import Section
    from hpcctl.spec.model import Cloud
    from hpcctl.spec.places import Places


class Wishes(TypedDict, total=False):
    """How a cluster is to be; what is not said is as for `hpcctl create`.

    ``nodes`` counts the head; ``share`` is the size of /share in GiB. With a ``file`` (a cluster file; ``template``
    and ``settings`` choose in it) the others are laid over what it says. ``replace``: nodes that are there may be
    made anew.
    """

    nodes: int
    type: str
    share: int
    file: str | Path
    template: str
    settings: Mapping[str, str]
    profile: str
    region: str
    zone: str
    image: str
    key: str | Path
    authorize: str | Path
    user: str
    ssh_from: str
    tags: Mapping[str, str]
    min_nodes: int
    boot_seconds: int
    replace: bool


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The request, and where each part of it was said."""

    request: CreateRequest
    places: Places

    @contextmanager
    def told_at(self) -> Iterator[None]:
        """Around what may find fault with the spec: problems are told in the words of the file and of `create`."""
        from hpcctl.spec.places import in_order, told

        try:
            yield
        except SpecError as error:
            raise SpecError(in_order(told(error.problems, self.places))) from error


def request(
    name: str, wishes: Wishes, *, home: Path, environ: Mapping[str, str], progress: Progress
) -> Wanted:
    """What is to be made, and where. SpecError with all that is wrong; nothing is made, but the sandbox is started."""
    from hpcctl.lifecycle.asking import understood
    from hpcctl.lifecycle.creating import CreateRequest
    from hpcctl.lifecycle.guarding import Permission
    from hpcctl.spec.seats import seats_of
    from hpcctl.terraform import find_terraform

    _require_known(wishes)
    profile = profile_name(wishes.get("profile"), environ, home=home)
    built = understood(_asked(name, wishes, defaults_of(profile, home=home)), environ=environ)
    for note in built.notes:
        progress.warn(note)
    find_terraform(home)
    cloud: Cloud = chosen_cloud(
        home, profile=profile, region=built.region, environ=environ, progress=progress
    )
    asked = CreateRequest(
        spec=seats_of(built.spec, None)[0],
        cloud=cloud,
        key_file=str(built.key_file.expanduser().absolute()) if built.key_file else None,
        permission=Permission(replace=wishes.get("replace", False), destroy_data=False),
    )
    return Wanted(request=asked, places=built.places)


def _require_known(wishes: Wishes) -> None:
    """TypeError, as Python has it, for a keyword that there is not; UsageError where too little is said."""
    known = Wishes.__annotations__
    for word in wishes:
        if word not in known:
            hint = did_you_mean(word, known, otherwise=f"there are: {', '.join(known)}")
            raise TypeError(f"create() got an unexpected keyword argument {word!r}; {hint}")
    if "file" not in wishes:
        missing = [word for word in ("nodes", "type", "share") if word not in wishes]
        if missing:
            raise UsageError(f"missing: {', '.join(missing)}", hint="or name a cluster file: file=…")


def _asked(name: str, wishes: Wishes, defaults: Section | None) -> Asked:
    from hpcctl.lifecycle.asking import Asked
    from hpcctl.spec.arguments import Arguments

    def text(value: object) -> str | None:
        return None if value is None else str(value)

    return Asked(
        arguments=Arguments(
            name=name,
            nodes=text(wishes.get("nodes")),
            instance_type=wishes.get("type"),
            share_gib=text(wishes.get("share")),
            user=wishes.get("user"),
            region=wishes.get("region"),
            zone=wishes.get("zone"),
            image=wishes.get("image"),
            key_file=text(wishes.get("key")),
            authorize=text(wishes.get("authorize")),
            ssh_from=wishes.get("ssh_from"),
            tags=tuple(f"{key}={value}" for key, value in wishes.get("tags", {}).items()),
            min_nodes=text(wishes.get("min_nodes")),
            boot_deadline=text(wishes.get("boot_seconds")),
        ),
        file=Path(wishes["file"]) if "file" in wishes else None,
        template=wishes.get("template"),
        settings=tuple(wishes.get("settings", {}).items()),
        defaults=defaults,
    )
