"""Volumes, EFS and the bucket: what goes together, and their records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hpcctl.errors import Problem
from hpcctl.spec.document.model import problem_at
from hpcctl.spec.model import SHARE, Efs, Volume
from hpcctl.spec.schema.checking import named
from hpcctl.spec.schema.model import Body

MAX_VOLUMES = 10  # beside /share: /dev/sdf … /dev/sdp are the names that EC2 recommends

_OURS = ("/home", "/permanent", "/scratch", "/share")
_SYSTEM = (
    *(
        "/bin",
        "/boot",
        "/dev",
        "/etc",
        "/lib",
        "/lib32",
        "/lib64",
        "/libx32",
        "/lost+found",
        "/proc",
        "/root",
    ),
    *("/run", "/sbin", "/sys", "/tmp", "/usr", "/var"),
)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What AWS documents of a type of volume: ranges, and operations a second for each GiB."""

    gib: tuple[int, int]
    iops: tuple[int, int] | None = None
    iops_by_gib: int = 0
    must: bool = False


LIMITS = {
    "gp3": Limits(gib=(1, 16384), iops=(3000, 80000), iops_by_gib=500),
    "gp2": Limits(gib=(1, 16384)),
    "io1": Limits(gib=(4, 16384), iops=(100, 64000), iops_by_gib=50, must=True),
    "io2": Limits(gib=(4, 16384), iops=(100, 256000), iops_by_gib=1000, must=True),
    "st1": Limits(gib=(125, 16384)),
    "sc1": Limits(gib=(125, 16384)),
}
GP3_IOPS = 3000
GP3_MIB_BY_IOPS = 4


def volume_problems(storage: Body) -> Iterator[Problem]:
    """What does not go together."""
    for share in storage.all("share"):
        yield from _new_volume(share)
    for body in storage.all("volume"):
        yield from _existing(body) if body.given("id") else _new_volume(body)
    yield from _many(storage)
    yield from _mounts(storage)
    yield from _names(storage)
    permanent = storage.one("permanent")
    if permanent.yes("enabled") is False and permanent.given("bucket"):
        what = "a bucket for /permanent, and enabled is false"
        yield problem_at(permanent.place("bucket"), what, "leave out bucket, or enabled")


def share_of(storage: Body) -> Volume:
    """The record of the volume behind /share."""
    return _made(storage.one("share"), name=SHARE, mount="/share", shared=True)


def volume_of(body: Body) -> Volume:
    """The record of another volume."""
    mount, shared = body.text("mount") or "", body.yes("share") is not False
    if body.given("id"):
        file_system = body.text("file_system") or ""
        return Volume(
            name=body.label,
            mount=mount,
            volume_id=body.text("id"),
            file_system=file_system,
            keep=True,
            shared=shared,
        )
    return _made(body, name=body.label, mount=mount, shared=shared)


def efs_of(body: Body) -> Efs:
    """The record of an EFS file system."""
    return Efs(name=body.label, file_system_id=body.text("id") or "", mount=body.text("mount") or "")


def _made(body: Body, *, name: str, mount: str, shared: bool) -> Volume:
    return Volume(
        name=name,
        mount=mount,
        gib=body.whole("size"),
        volume_type=body.text("type") or "",
        iops=body.whole("iops"),
        throughput=body.whole("throughput"),
        file_system=body.text("file_system") or "",
        snapshot=body.text("snapshot"),
        keep=body.yes("keep") is True,
        shared=shared,
    )


def _existing(body: Body) -> Iterator[Problem]:
    for name in ("size", "type", "iops", "throughput", "snapshot"):
        if body.given(name):
            what = f"{name} is for a new volume, and id names one that exists"
            yield problem_at(body.place(name), what, f"leave out {name}, or id")
    if body.given("keep") and body.yes("keep") is False:
        what = "a volume that you bring is never deleted"
        yield problem_at(body.place("keep"), what, "leave keep out")


def _new_volume(body: Body) -> Iterator[Problem]:
    kind, size = body.text("type"), body.whole("size")
    if body.block.name == "volume" and not body.given("size"):
        what = f'volume "{body.label}" has neither id nor size'
        yield problem_at(body.section.span, what, 'add id = "vol-…" for one that exists, or size = 100')
    if not kind:
        return
    limits = LIMITS[kind]
    if size is not None and not limits.gib[0] <= size <= limits.gib[1]:
        hint = f"expected {limits.gib[0]} to {limits.gib[1]} GiB"
        yield problem_at(body.place("size"), f"{kind} has no volumes of {size} GiB", hint)
    yield from _iops(body, kind, limits, size)
    yield from _throughput(body, kind)


def _iops(body: Body, kind: str, limits: Limits, size: int | None) -> Iterator[Problem]:
    iops = body.whole("iops")
    if not body.given("iops"):
        if limits.must:
            yield problem_at(body.place("type"), f"{kind} needs iops", "add: iops = 1000")
        return
    if limits.iops is None:
        yield problem_at(
            body.place("iops"), f"{kind} takes no iops", "leave it out, or choose gp3, io1 or io2"
        )
    elif iops is not None:
        least, most = limits.iops
        possible = min(most, max(least, limits.iops_by_gib * size)) if size else most
        if not least <= iops <= possible:
            of = f" of {size} GiB" if possible < most else ""
            what = f"{kind}{of} cannot have {iops} iops"
            yield problem_at(body.place("iops"), what, f"expected {least} to {possible}")


def _throughput(body: Body, kind: str) -> Iterator[Problem]:
    throughput = body.whole("throughput")
    if not body.given("throughput"):
        return
    if kind != "gp3":
        what = f"{kind} takes no throughput"
        yield problem_at(body.place("throughput"), what, "leave it out, or choose gp3")
        return
    iops = body.whole("iops") or GP3_IOPS
    if throughput is not None and throughput * GP3_MIB_BY_IOPS > iops:
        what = f"{throughput} MiB/s are too many for {iops} iops"
        hint = f"at most {iops // GP3_MIB_BY_IOPS}, or iops = {throughput * GP3_MIB_BY_IOPS}"
        yield problem_at(body.place("throughput"), what, hint)


def _many(storage: Body) -> Iterator[Problem]:
    volumes = storage.all("volume")
    if len(volumes) > MAX_VOLUMES:
        what = f"{len(volumes)} volumes are too many for one head"
        yield problem_at(volumes[MAX_VOLUMES].section.span, what, f"at most {MAX_VOLUMES} beside /share")


def _mounts(storage: Body) -> Iterator[Problem]:
    seen: dict[str, Body] = {}
    for body in (*storage.all("volume"), *storage.all("efs")):
        mount = body.text("mount")
        if mount is None:
            continue
        owner = next(
            (path for path in (*_OURS, *_SYSTEM) if mount == path or mount.startswith(f"{path}/")), None
        )
        near = next((path for path in seen if _nested(mount, path)), None)
        if owner:
            what = f"{mount!r} belongs to {'hpcctl' if owner in _OURS else 'the system'}"
            yield problem_at(body.place("mount"), what, "choose another, such as /data or /mnt/data")
        elif near:
            other = named(seen[near].section)
            how = "is taken" if near == mount else "and this lie in one another"
            what = f"{near!r} of {other} {how}"
            yield problem_at(body.place("mount"), what, "give each a place of its own")
        else:
            seen[mount] = body


def _nested(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _names(storage: Body) -> Iterator[Problem]:
    names: dict[str, str] = {SHARE: "the volume behind /share"}
    ids: dict[str, str] = {}
    for body in (*storage.all("volume"), *storage.all("efs")):
        me = named(body.section)
        place = body.section.label_span or body.section.span
        if body.label in names:
            what = f"{body.label!r} is the name of {names[body.label]}"
            yield problem_at(place, what, "give each volume and file system a name of its own")
        names[body.label] = me
        known = body.text("id")
        if known and known in ids:
            yield problem_at(body.place("id"), f"{known} is {ids[known]} already", "mount it once")
        if known:
            ids[known] = me
