"""``cluster``: the whole of a cluster file."""

from __future__ import annotations

from dataclasses import replace

from hpcctl import schedulers
from hpcctl.spec.model import BOOT_SECONDS
from hpcctl.spec.schema import kinds
from hpcctl.spec.schema.groups import COMPUTE, HEAD, IMAGES, MAX_NODES
from hpcctl.spec.schema.model import Block, Field, Shape
from hpcctl.spec.schema.network import FIREWALL, NETWORK
from hpcctl.spec.schema.storage import STORAGE

_PLACE = (
    Field(
        name="region",
        kind=kinds.REGION,
        help="The region.",
        example='"eu-central-1"',
        otherwise="that of the profile",
        known_as=("aws_region", "aws_region_name"),
    ),
    Field(
        name="zone",
        kind=kinds.ZONE,
        help="The availability zone.",
        example='"eu-central-1a"',
        otherwise="the first that has all types, and capacity",
        known_as=("availability_zone", "az"),
    ),
    Field(
        name="zones",
        kind=kinds.ZONE,
        help="Instead of `zone`: several, in order of preference. The cluster stands in one of them.",
        example='["eu-central-1a", "eu-central-1b"]',
        shape=Shape.LIST,
        known_as=("availability_zones",),
    ),
)

_LOGIN = (
    Field(
        name="user",
        kind=kinds.USER,
        help="The login user, on every node.",
        example='"alice"',
        default="hpc",
        known_as=("cluster_user", "login_user", "username"),
    ),
    Field(
        name="shell",
        kind=kinds.SHELL,
        help="The login user's shell; one that is not on the image is installed.",
        example='"/bin/zsh"',
        default="/bin/bash",
        known_as=("cluster_shell", "login_shell"),
    ),
    Field(
        name="key",
        kind=kinds.PATH,
        help="A public key that may log in as well; the path is relative to this file.",
        example='"~/.ssh/id_ed25519.pub"',
        otherwise="the cluster's own key alone",
        known_as=("public_key", "ssh_key", "key_location", "keyname"),
    ),
    Field(
        name="authorize",
        kind=kinds.PATH,
        help="A file with more people and their public keys, a line each: `USER KEYTYPE KEY`.",
        example='"seats.keys"',
        otherwise="nobody else",
        known_as=("authorized_keys", "authorise", "users"),
    ),
    Field(
        name="ssh_from",
        kind=kinds.NETWORK,
        help="Who may log in: an address, a network or several.",
        example='["203.0.113.0/24"]',
        shape=Shape.ONE_OR_LIST,
        otherwise="your own address alone",
        known_as=("ssh_cidr", "allowed_cidr"),
    ),
)

_LIFE = (
    Field(
        name="scheduler",
        kind=kinds.choice(*schedulers.names(), what="a scheduler that hpcctl knows"),
        help="The scheduler: Grid Engine, or none.",
        example='"none"',
        default="sge",
        known_as=("batch_system", "queue"),
    ),
    Field(
        name="lifetime",
        kind=kinds.DURATION,
        help="After so long the machines switch themselves off, and data stay; it is counted from each start.",
        example='"12h"',
        otherwise="no end",
        known_as=("time_to_live", "ttl", "max_lifetime"),
    ),
    Field(
        name="min_nodes",
        kind=kinds.whole(1, MAX_NODES, "nodes to go on with, the head included"),
        help="Go on with so many nodes (the head included) if others cannot be had.",
        example="3",
        otherwise="all of them",
    ),
    Field(
        name="boot_seconds",
        kind=kinds.whole(*BOOT_SECONDS, "seconds until a machine answers"),
        help="A machine that has not answered by then is replaced.",
        example="900",
        otherwise="that of the profile",
        known_as=("boot_deadline", "boot_timeout"),
    ),
    Field(
        name="tags",
        kind=kinds.TAG_VALUE,
        keys=kinds.TAG_KEY,
        help="Tags on everything that is made, for the bill.",
        example='{ project = "wing" }',
        shape=Shape.MAP,
        otherwise="none but hpcctl's own",
        known_as=("tag",),
    ),
)

_LATER = tuple(
    Block(name=name, help=words, label=kinds.LABEL, label_optional=True, example="x", reserved=True)
    for name, words in (
        ("plugin", "Reserved: software for all nodes."),
        ("hook", "Reserved: commands of your own at moments of a cluster's life."),
    )
)

CLUSTER = Block(
    name="cluster",
    help="One cluster, or a template that others extend.",
    label=kinds.LABEL,
    label_optional=True,
    example="small",
    fields=(*_PLACE, *IMAGES, *_LOGIN, *_LIFE),
    blocks=(HEAD, COMPUTE, STORAGE, NETWORK, FIREWALL, *_LATER),
)


def _all_optional(block: Block) -> Block:
    fields = tuple(replace(field, required=False) for field in block.fields)
    inner = tuple(_all_optional(one) for one in block.blocks)
    return replace(block, fields=fields, blocks=inner, required=False)


DEFAULTS = replace(
    _all_optional(CLUSTER),
    name="defaults",
    label=None,
    label_optional=False,
    help="What every cluster of this profile has, unless its file or the command line says otherwise.",
)
"""``defaults`` of a profile: the same grammar, and nothing in it must be there."""
