"""``config.hcl``: the places where clusters are made."""

from __future__ import annotations

from hpcctl.spec.model import BOOT_SECONDS, LOCAL, S3, SANDBOX
from hpcctl.spec.schema import kinds
from hpcctl.spec.schema.cluster import DEFAULTS
from hpcctl.spec.schema.model import Block, Field, Kind, Scalar, Shape, Unfit


def _name(text: str) -> Scalar:
    if text == SANDBOX:
        raise Unfit(f"the name {text!r} is taken by the sandbox")
    if not text.isprintable() or not text.strip() or len(text) > 64:
        raise Unfit(f"{text!r} cannot be the name of a profile")
    return text


NAME = Kind(
    name="text", expected=f"another name than {SANDBOX}, of up to 64 characters, such as lab", read=_name
)

_CREDENTIALS = (
    Field(
        name="region",
        kind=kinds.REGION,
        help="The region.",
        example='"eu-central-1"',
        otherwise="`AWS_REGION`, or the region of the AWS profile",
        known_as=("aws_region", "aws_region_name"),
    ),
    Field(
        name="aws_profile",
        kind=kinds.TEXT,
        help="The profile of the AWS CLI whose credentials are used.",
        example='"research"',
        otherwise="the standard chain: environment, shared files, SSO, the machine's role",
    ),
    Field(
        name="role_arn",
        kind=kinds.ROLE,
        help="A role to assume with those credentials.",
        example='"arn:aws:iam::123456789012:role/hpc"',
        otherwise="none",
        known_as=("role", "assume_role"),
    ),
    Field(
        name="owner",
        kind=kinds.TEXT,
        help="Who owns the clusters, in the tag `hpcctl:owner`.",
        example='"alice"',
        otherwise="your login name",
    ),
    Field(
        name="state",
        kind=kinds.choice(LOCAL, S3, what="a place where clusters are written down"),
        help="Where clusters are written down: `local` (this machine), or `s3` (a bucket, for a team: `docs/team.md`).",
        example='"s3"',
        default=LOCAL,
    ),
)

_REACHING = (
    Field(
        name="ssh_from",
        kind=kinds.NETWORK,
        help="Who may log in: an address, a network or several.",
        example='["203.0.113.0/24"]',
        shape=Shape.ONE_OR_LIST,
        otherwise="your own address alone",
    ),
    Field(
        name="address_service",
        kind=kinds.URL,
        help="What is asked for your own address.",
        example='"https://checkip.amazonaws.com"',
        otherwise="AWS's own service",
    ),
    Field(
        name="boot_seconds",
        kind=kinds.whole(*BOOT_SECONDS, "seconds until a machine answers"),
        help="A machine that has not answered by then is replaced.",
        example="900",
        default=900,
        known_as=("boot_deadline", "boot_timeout"),
    ),
)

_ENDPOINT = (
    Field(
        name="endpoint_url",
        kind=kinds.URL,
        help="Another API than AWS's own; real credentials are never sent there.",
        example='"http://127.0.0.1:5000"',
        otherwise="AWS",
        known_as=("endpoint",),
    ),
    Field(
        name="node_endpoint_url",
        kind=kinds.URL,
        help="The same API as the nodes reach it.",
        example='"http://10.0.0.2:5000"',
        otherwise="the same",
    ),
    Field(
        name="ssh_port",
        kind=kinds.whole(1, 65535),
        help="The port of SSH on the machines there.",
        example="22",
        default=22,
    ),
)

PROFILE = Block(
    name="profile",
    help="A place where clusters are made.",
    label=NAME,
    example="lab",
    fields=(*_CREDENTIALS, *_REACHING, *_ENDPOINT),
    blocks=(DEFAULTS,),
)

CONFIG = Block(
    name="config.hcl",
    help="`$HPCCTL_HOME/config.hcl`",
    fields=(
        Field(
            name="default_profile",
            kind=kinds.TEXT,
            help="The profile that is used where none is named; `hpcctl profile use NAME` writes it.",
            example='"lab"',
            default="aws",
            known_as=("profile", "default"),
        ),
    ),
    blocks=(PROFILE,),
)
