"""``storage``: volumes, EFS and the bucket."""

from __future__ import annotations

from hpcctl.spec.schema import kinds
from hpcctl.spec.schema.model import Block, Field

SHARE_GIB = (4, 16384)  # the upper end is what every kind of SSD volume holds
VOLUME_GIB = (1, 16384)

_TYPES = ("gp3", "gp2", "io1", "io2", "st1", "sc1")

_MADE = (
    Field(
        name="type",
        kind=kinds.choice(*_TYPES, what="a type of EBS volume"),
        help="The type of EBS volume.",
        example='"io2"',
        default="gp3",
        known_as=("volume_type",),
    ),
    Field(
        name="iops",
        kind=kinds.whole(100, 256000, "operations a second"),
        help="Provisioned operations a second. For gp3 (3000 without), io1 and io2 (required).",
        example="6000",
        otherwise="what the type has by itself",
    ),
    Field(
        name="throughput",
        kind=kinds.whole(125, 2000, "MiB/s"),
        help="Provisioned MiB/s, for gp3 alone.",
        example="250",
        otherwise="what the type has by itself",
    ),
    Field(
        name="file_system",
        kind=kinds.choice("ext4", "xfs", what="a file system that hpcctl makes"),
        help="The file system that a blank volume gets. One that is there already is kept, whatever it is.",
        example='"xfs"',
        default="ext4",
        known_as=("filesystem", "fstype", "fs"),
    ),
    Field(
        name="snapshot",
        kind=kinds.SNAPSHOT,
        help="Begin with the data of this snapshot. A larger `size` is filled by growing the file system.",
        example='"snap-0123456789abcdef0"',
        otherwise="an empty volume",
        known_as=("snapshot_id",),
    ),
    Field(
        name="keep",
        kind=kinds.BOOLEAN,
        help="Keep the volume when the cluster is terminated; it costs money until you delete it.",
        example="true",
        default=False,
        known_as=("keep_on_terminate", "delete_on_termination"),
    ),
)

_MOUNT = Field(
    name="mount",
    kind=kinds.MOUNT,
    help="Where it is mounted.",
    example='"/data"',
    required=True,
    known_as=("mount_path", "mount_point", "mountpoint", "path"),
)

SHARE = Block(
    name="share",
    help="The volume behind /share, where the homes are: on the head, and by NFS on all nodes.",
    required=True,
    fields=(
        Field(
            name="size",
            kind=kinds.whole(*SHARE_GIB, "GiB for /share"),
            help="Size in GiB.",
            example="50",
            required=True,
            known_as=("size_gib", "size_gb", "gib"),
        ),
        *_MADE,
    ),
)

VOLUME = Block(
    name="volume",
    help="One more EBS volume: one that exists (`id`), or a new one (`size`).",
    label=kinds.VOLUME_LABEL,
    example="data",
    fields=(
        _MOUNT,
        Field(
            name="id",
            kind=kinds.VOLUME,
            help="A volume that exists. It is never deleted, and it decides the zone.",
            example='"vol-0123456789abcdef0"',
            otherwise="a new volume",
            known_as=("volume_id",),
        ),
        Field(
            name="size",
            kind=kinds.whole(*VOLUME_GIB, "GiB"),
            help="Size of a new volume in GiB.",
            example="100",
            otherwise="a volume that exists",
            known_as=("size_gib", "size_gb", "gib"),
        ),
        *_MADE,
        Field(
            name="share",
            kind=kinds.BOOLEAN,
            help="By NFS on all nodes; with `false` on the head alone.",
            example="false",
            default=True,
            known_as=("shared", "nfs"),
        ),
    ),
)

EFS = Block(
    name="efs",
    help="An EFS file system that exists, mounted on all nodes.",
    label=kinds.VOLUME_LABEL,
    example="models",
    experimental=True,
    fields=(
        Field(
            name="id",
            kind=kinds.EFS,
            help="The file system.",
            example='"fs-0123456789abcdef0"',
            required=True,
            known_as=("file_system_id", "efs_id"),
        ),
        Field(
            name=_MOUNT.name,
            kind=_MOUNT.kind,
            help=_MOUNT.help,
            example='"/models"',
            required=True,
            known_as=_MOUNT.known_as,
        ),
    ),
)

PERMANENT = Block(
    name="permanent",
    help="/permanent: a bucket, mounted on all nodes. Without this block it is the one that all your clusters of a "
    "region share.",
    fields=(
        Field(
            name="bucket",
            kind=kinds.BUCKET,
            help="A bucket of your own, which exists.",
            example='"my-bucket"',
            otherwise="the base's",
        ),
        Field(
            name="enabled",
            kind=kinds.BOOLEAN,
            help="With `false` there is no /permanent.",
            example="false",
            default=True,
        ),
    ),
)

STORAGE = Block(
    name="storage",
    help="Disks and file systems.",
    required=True,
    blocks=(SHARE, VOLUME, EFS, PERMANENT),
)
