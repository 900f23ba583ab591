"""``head`` and ``compute``: what the machines are."""

from __future__ import annotations

from hpcctl.spec.schema import kinds
from hpcctl.spec.schema.model import Block, Field, Shape

ROOT_GIB = (8, 16384)
MAX_NODES = 1000  # the head and node001 … node999

TYPE = Field(
    name="type",
    kind=kinds.INSTANCE_TYPE,
    help="The instance type.",
    example='"c5.xlarge"',
    known_as=("instance_type", "instance", "node_instance_type", "machine_type"),
)

IMAGES = (
    Field(
        name="image",
        kind=kinds.IMAGE,
        help="The machine image: an AMI, or a distribution, of which the newest official image is taken.",
        example='"debian-12"',
        otherwise="the newest Debian 12",
        experimental=tuple(name for name in kinds.DISTRIBUTIONS if name not in kinds.TESTED),
        known_as=("ami", "image_id", "ami_id"),
    ),
    Field(
        name="image_name",
        kind=kinds.IMAGE_NAME,
        help="Instead of `image`: the newest image whose name this is; `*` stands for anything.",
        example='"hpc-*"',
    ),
    Field(
        name="image_owner",
        kind=kinds.IMAGE_OWNER,
        help="Whose image `image_name` is: an account, `self` or `amazon`.",
        example='"123456789012"',
        default="self",
    ),
)

_OF_ALL = (
    Field(
        name="spot",
        kind=kinds.BOOLEAN,
        help="Take spot capacity: cheaper, and AWS may take it back at any time.",
        example="true",
        default=False,
    ),
    Field(
        name="spot_max_price",
        kind=kinds.USD,
        help="The most to be paid for spot capacity, in USD an hour for each node. Implies `spot`.",
        example="0.25",
        otherwise="up to the on-demand price",
        known_as=("spot_price", "spot_bid", "max_price", "bid"),
    ),
    Field(
        name="root_size",
        kind=kinds.whole(*ROOT_GIB, "GiB for the system's disk"),
        help="Size of the system's disk in GiB.",
        example="30",
        default=20,
        known_as=("root_gib", "root_volume_size", "disk"),
    ),
    Field(
        name="cpus_per_slot",
        kind=kinds.whole(1, 1024, "processors for each slot"),
        help="How many processors make one slot of the scheduler.",
        example="2",
        default=1,
    ),
    Field(
        name="hyper_threading",
        kind=kinds.BOOLEAN,
        help="Two processors for each core, where the type has that; `false` gives one.",
        example="false",
        default=True,
        known_as=("hyperthreading", "disable_hyperthreading", "threads_per_core"),
    ),
    Field(
        name="efa",
        kind=kinds.BOOLEAN,
        help="An Elastic Fabric Adapter for each node; the type must have it.",
        example="true",
        default=False,
        experimental=(True,),
    ),
    Field(
        name="placement",
        kind=kinds.BOOLEAN,
        help="Stand in the cluster's placement group, close to the other nodes in the network.",
        example="false",
        otherwise="yes, where the type can",
        known_as=("placement_group",),
    ),
    Field(
        name="public_address",
        kind=kinds.BOOLEAN,
        help="A public address. Without one a compute node is reached through the head, which is the way in anyhow.",
        example="false",
        default=True,
        known_as=("public_ip", "public_ips"),
    ),
    *(
        Field(
            name=field.name,
            kind=field.kind,
            help=field.help,
            example=field.example,
            default=field.default,
            otherwise="that of the cluster" if field.name == "image" else field.otherwise,
            experimental=field.experimental,
            known_as=field.known_as,
        )
        for field in IMAGES
    ),
    Field(
        name="user_data",
        kind=kinds.PATH,
        help="Scripts that run as root, in this order, at each machine's first boot. Paths are relative to this file.",
        example='["scripts/tune.sh"]',
        shape=Shape.ONE_OR_LIST,
        otherwise="none",
        known_as=("userdata", "userdata_scripts", "scripts"),
    ),
)

HEAD = Block(
    name="head",
    help="The head: master of the scheduler, file server, the machine that one logs in to.",
    required=True,
    fields=(
        Field(
            name=TYPE.name,
            kind=TYPE.kind,
            help=TYPE.help,
            example=TYPE.example,
            required=True,
            known_as=TYPE.known_as,
        ),
        Field(
            name="runs_jobs",
            kind=kinds.BOOLEAN,
            help="Whether jobs run on the head as well.",
            example="false",
            default=True,
        ),
        *_OF_ALL,
    ),
)

COMPUTE = Block(
    name="compute",
    help="A group of like compute nodes. Its name is the beginning of their names: "
    '`compute "gpu"` makes gpu001, gpu002 … There may be any number of groups, or none.',
    label=kinds.GROUP,
    example="node",
    fields=(
        Field(
            name="count",
            kind=kinds.whole(1, MAX_NODES - 1, "nodes of this group"),
            help="How many nodes.",
            example="8",
            required=True,
            known_as=("nodes", "number", "size", "cluster_size"),
        ),
        Field(
            name=TYPE.name,
            kind=TYPE.kind,
            help=TYPE.help,
            example=TYPE.example,
            otherwise="that of the head",
            known_as=TYPE.known_as,
        ),
        *_OF_ALL,
    ),
)
