"""Words of a cluster that reach its nodes, held against what a spec can hold: for specs that come from a record."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hpcctl.schedulers import names
from hpcctl.spec.model import ClusterSpec

_PATH = re.compile(r"(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)+")
_GROUP = re.compile(r"[a-z]{1,12}")
_VOLUME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_VOLUME_ID = re.compile(r"vol-[0-9a-z]+")
_EFS_ID = re.compile(r"fs-[0-9a-z]+")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
FILE_SYSTEMS = ("ext4", "xfs")


def problems_with_words(spec: ClusterSpec) -> Iterator[str]:
    """Why this spec must not reach a shell, /etc/fstab or the scheduler."""
    if spec.scheduler not in names():
        yield f"{spec.scheduler!r} is no scheduler"
    if not _PATH.fullmatch(spec.shell):
        yield f"{spec.shell!r} cannot be a shell"
    if spec.bucket is not None and not _BUCKET.fullmatch(spec.bucket):
        yield f"{spec.bucket!r} cannot be a bucket"
    yield from (f"{one.name!r} cannot be a group" for one in spec.groups if not _GROUP.fullmatch(one.name))
    yield from _with_file_systems(spec)


def _with_file_systems(spec: ClusterSpec) -> Iterator[str]:
    for volume in (spec.share, *spec.volumes):
        if not _VOLUME.fullmatch(volume.name):
            yield f"{volume.name!r} cannot be the name of a volume"
        if volume.file_system not in FILE_SYSTEMS:
            yield f"{volume.file_system!r} is no file system that hpcctl makes"
        if volume.volume_id is not None and not _VOLUME_ID.fullmatch(volume.volume_id):
            yield f"{volume.volume_id!r} is not the id of a volume"
    for efs in spec.efs:
        if not (_VOLUME.fullmatch(efs.name) and _EFS_ID.fullmatch(efs.file_system_id)):
            yield f"{efs.name!r}, {efs.file_system_id!r} cannot be a file system of EFS"
    volumes = [volume.mount for volume in (spec.share, *spec.volumes)]
    for mount in (*volumes, *(efs.mount for efs in spec.efs)):
        if not _PATH.fullmatch(mount):
            yield f"{mount!r} cannot be a mount point"
