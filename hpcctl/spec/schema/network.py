"""``network`` and ``firewall``: where the nodes stand, and who may come in."""

from __future__ import annotations

from hpcctl.spec.schema import kinds
from hpcctl.spec.schema.model import Block, Field, Shape

NETWORK = Block(
    name="network",
    help="A network that exists, and what else your account wants used. Without this block hpcctl makes a network, "
    "once for all clusters of a region.",
    fields=(
        Field(
            name="subnet",
            kind=kinds.SUBNET,
            help="The subnet for all nodes; it decides the zone.",
            example='"subnet-0123456789abcdef0"',
            otherwise="one of the base",
            known_as=("subnet_id",),
        ),
        Field(
            name="vpc",
            kind=kinds.VPC,
            help="The VPC of that subnet, to be sure that it is the one that you mean.",
            example='"vpc-0123456789abcdef0"',
            otherwise="that of the subnet",
            known_as=("vpc_id",),
        ),
        Field(
            name="security_groups",
            kind=kinds.SECURITY_GROUP,
            help="Security groups that the nodes are in as well, beside the cluster's own.",
            example='["sg-0123456789abcdef0"]',
            shape=Shape.ONE_OR_LIST,
            otherwise="none",
            known_as=("security_group", "security_group_ids"),
        ),
        Field(
            name="instance_profile",
            kind=kinds.INSTANCE_PROFILE,
            help="The instance profile of the nodes, for people who may not make roles.",
            example='"hpc-nodes"',
            otherwise="the base's",
            known_as=("iam_instance_profile", "iam_profile"),
        ),
    ),
)

FIREWALL = Block(
    name="firewall",
    help="Something else that may come in to the head. SSH is let in by `ssh_from`.",
    label=kinds.LABEL,
    example="jupyter",
    fields=(
        Field(
            name="ports",
            kind=kinds.PORTS,
            help='One port, `8888`, or a range, `"8000-8100"`. Not for icmp.',
            example='"8888"',
            known_as=("port", "from_port"),
        ),
        Field(
            name="protocol",
            kind=kinds.choice("tcp", "udp", "icmp", what="a protocol that can be let in"),
            help="tcp, udp or icmp.",
            example='"udp"',
            default="tcp",
            known_as=("ip_protocol",),
        ),
        Field(
            name="cidr",
            kind=kinds.NETWORK,
            help="From where.",
            example='["203.0.113.0/24"]',
            shape=Shape.ONE_OR_LIST,
            required=True,
            known_as=("cidrs", "cidr_ip", "cidr_blocks", "from"),
        ),
        Field(
            name="description",
            kind=kinds.DESCRIPTION,
            help="What it is for, as AWS shows it.",
            example='"notebooks"',
            default="",
        ),
    ),
)
