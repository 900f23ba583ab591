"""From the words of the command line to a ClusterSpec, or to everything that is wrong with them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass

from hpcctl.errors import Problem, SpecError
from hpcctl.home import nameable
from hpcctl.spec import publickey
from hpcctl.spec.model import BOOT_SECONDS, ClusterSpec, ImageBy, ImageChoice, like_nodes, share_of
from hpcctl.spec.tags import MOST_OWN

MAX_NODES = 1000  # the head and node001 … node999
SHARE_GIB = (4, 16384)  # the upper end is what one gp3 volume holds
NAME_LENGTH = 30

_NAME = re.compile(r"[a-z](?:[a-z0-9-]*[a-z0-9])?")
_NODE_NAME = re.compile(r"(?:^|-)(?:node\d+|head)$")  # would be mistaken for a host of another cluster
_TYPE = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9-]+")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_ZONE = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d+(?:-[a-z]+-\d+)?[a-z]")
_IMAGE = re.compile(r"ami-[0-9a-f]{8,17}")
_TAG_TEXT = re.compile(r"[\w .:/=+\-@]*")

# `ssh localhost` and `ssh head` must keep the meaning they have
_RESERVED_NAMES = frozenset({"localhost", "head", "all", "node", "any", "none", "sandbox", "base"})

# users and groups of a node; a login user gets a group of its own name
_SYSTEM_NAMES = frozenset(
    name
    for line in (
        "root admin daemon bin sys sync games man lp mail news uucp proxy www-data backup list",
        "irc gnats nobody nogroup adm tty disk kmem dialout fax voice cdrom floppy tape sudo",
        "audio dip operator src shadow utmp video sasl plugdev staff users input sgx kvm render",
        "crontab netdev fuse ssh sshd _ssh messagebus polkitd statd _rpc _chrony _apt sgeadmin",
        "munge slurm debian ubuntu postfix ntp uuidd tcpdump rdma",
    )
    for name in line.split()
)


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What was typed, untouched. ``public_key`` is the text of ``key_file``, which the caller has read."""

    name: str
    nodes: str
    instance_type: str
    share_gib: str
    user: str = "hpc"
    zone: str | None = None
    image: str | None = None
    key_file: str | None = None
    public_key: str | None = None
    ssh_from: str | None = None
    tags: tuple[str, ...] = ()
    min_nodes: str | None = None
    boot_deadline: str | None = None


def spec_from(arguments: Arguments) -> ClusterSpec:
    """The spec, or a SpecError that lists every mistake."""
    problems = list(_problems(arguments))
    if problems:
        raise SpecError(problems)
    head, compute = like_nodes(int(arguments.nodes), arguments.instance_type)
    return ClusterSpec(
        name=arguments.name,
        head=head,
        compute=compute,
        share=share_of(int(arguments.share_gib)),
        user=arguments.user,
        zones=(arguments.zone,) if arguments.zone else (),
        image=ImageChoice(by=ImageBy.ID, value=arguments.image) if arguments.image else None,
        public_key=arguments.public_key.strip() if arguments.public_key else None,
        ssh_from=_networks(arguments.ssh_from),
        tags=tuple(_split_tag(tag) for tag in arguments.tags),
        min_nodes=int(arguments.min_nodes) if arguments.min_nodes else None,
        boot_seconds=int(arguments.boot_deadline) if arguments.boot_deadline else None,
    )


def notes_on(spec: ClusterSpec) -> tuple[str, ...]:
    """What is allowed and still worth a warning."""
    wide = [network for network in spec.ssh_from if ipaddress.ip_network(network).prefixlen == 0]
    return tuple(f"--ssh-from {network} lets the whole internet try to log in" for network in wide)


def problems_with_name(name: str) -> Iterator[Problem]:
    """Why a cluster cannot be called ``name``."""
    if not _NAME.fullmatch(name) or len(name) > NAME_LENGTH:
        yield Problem(
            where="NAME",
            what=f"{name!r} cannot be the name of a cluster",
            hint=f"lower-case letters, digits, hyphens: first a letter, last no hyphen, up to {NAME_LENGTH}",
        )
    elif name in _RESERVED_NAMES or _NODE_NAME.search(name):
        yield Problem(where="NAME", what=f"{name!r} is reserved", hint="choose another name, such as demo")


def _problems(arguments: Arguments) -> Iterator[Problem]:
    yield from problems_with_name(arguments.name)
    yield from _whole_number("NODES", arguments.nodes, 1, MAX_NODES, "nodes, the head included")
    yield from _instance_type(arguments.instance_type)
    yield from _whole_number("SHARE_GB", arguments.share_gib, *SHARE_GIB, "GB for /share")
    yield from _lost_machines(arguments)
    yield from problems_with_user(arguments.user)
    yield from _place(arguments)
    yield from _login(arguments)
    yield from _tags(arguments.tags)


def _whole_number(where: str, text: str, least: int, most: int, unit: str) -> Iterator[Problem]:
    hint = f"a whole number from {least} to {most}: {unit}"
    if not re.fullmatch(r"[+-]?[0-9]{1,30}", text):
        yield Problem(where=where, what=f"{text!r} is not a whole number", hint=hint)
    elif not least <= int(text) <= most:
        yield Problem(where=where, what=f"{text} is out of range", hint=hint)


def _lost_machines(arguments: Arguments) -> Iterator[Problem]:
    if arguments.min_nodes is not None:
        most = int(arguments.nodes) if re.fullmatch(r"0*[1-9][0-9]{0,3}", arguments.nodes) else MAX_NODES
        unit = "nodes to go on with, the head included"
        yield from _whole_number("--min-nodes", arguments.min_nodes, 1, min(most, MAX_NODES), unit)
    if arguments.boot_deadline is not None:
        unit = "seconds until a machine answers"
        yield from _whole_number("--boot-deadline", arguments.boot_deadline, *BOOT_SECONDS, unit)


def _instance_type(text: str) -> Iterator[Problem]:
    if not _TYPE.fullmatch(text):
        yield Problem(
            where="TYPE",
            what=f"{text!r} does not look like an instance type",
            hint="a family, a dot and a size, such as c5.xlarge",
        )


def problems_with_user(text: str) -> Iterator[Problem]:
    """Why the login user cannot have this name."""
    if not _USER.fullmatch(text):
        yield Problem(
            where="--user",
            what=f"{text!r} cannot be a Linux user",
            hint="lower-case letters, digits, _ and -, a letter first, at most 32",
        )
    elif text in _SYSTEM_NAMES or text.startswith("systemd-"):
        yield Problem(
            where="--user", what=f"{text!r} belongs to the system", hint="choose another, such as hpc"
        )


def _place(arguments: Arguments) -> Iterator[Problem]:
    if arguments.zone is not None and not _ZONE.fullmatch(arguments.zone):
        yield Problem(
            where="--zone",
            what=f"{arguments.zone!r} is not a zone",
            hint="a region and a letter, such as us-east-1a",
        )
    if arguments.image is not None and not _IMAGE.fullmatch(arguments.image):
        yield Problem(
            where="--image",
            what=f"{arguments.image!r} is not an AMI",
            hint="an id such as ami-0123456789abcdef0",
        )


def _login(arguments: Arguments) -> Iterator[Problem]:
    if not nameable(arguments.key_file or ""):
        yield Problem(
            where="--key",
            what=f"{arguments.key_file!r} cannot be written into an ssh config",
            hint="a path without line breaks and other control characters, and without ${",
        )
    if arguments.public_key is not None:
        found = publickey.problem_with(
            arguments.public_key, where=f"--key {arguments.key_file or ''}".rstrip()
        )
        if found:
            yield found
    if arguments.ssh_from is not None:
        yield from _ssh_from(arguments.ssh_from)


def _ssh_from(text: str) -> Iterator[Problem]:
    hint = "an address or a network, such as 203.0.113.7 or 203.0.113.0/24"
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        yield Problem(where="--ssh-from", what=f"{text!r} is not a network", hint=hint)
        return
    if network.version != 4:
        yield Problem(where="--ssh-from", what=f"{text!r} is IPv6; the nodes have IPv4 addresses", hint=hint)


def _networks(text: str | None) -> tuple[str, ...]:
    return (str(ipaddress.ip_network(text, strict=False)),) if text else ()


def _split_tag(text: str) -> tuple[str, str]:
    key, _, value = text.partition("=")
    return key, value


def _tags(tags: tuple[str, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    if len(tags) > MOST_OWN:
        what, hint = (
            f"{len(tags)} tags are too many",
            f"at most {MOST_OWN}: AWS takes 50, and hpcctl needs the others",
        )
        yield Problem(where="--tag", what=what, hint=hint)
    for tag in tags:
        yield from _tag(tag)
        key = _split_tag(tag)[0]
        if key in seen:
            yield Problem(
                where=f"--tag {tag}", what=f"the key {key!r} is given twice", hint="give each key once"
            )
        seen.add(key)


def _tag(tag: str) -> Iterator[Problem]:
    key, value = _split_tag(tag)
    where = f"--tag {tag}"
    if "=" not in tag or not key:
        yield Problem(where=where, what="not of the form KEY=VALUE", hint="for example --tag project=wing")
    elif key.lower().startswith(("aws:", "hpcctl:")) or key == "Name":
        yield Problem(where=where, what=f"the key {key!r} is reserved", hint="not Name, aws:… or hpcctl:…")
    elif len(key) > 128 or len(value) > 256:
        yield Problem(
            where=where, what="too long for AWS", hint="keys up to 128 characters, values up to 256"
        )
    elif not _TAG_TEXT.fullmatch(key + value):
        yield Problem(
            where=where,
            what="characters that AWS does not allow",
            hint="letters, digits, spaces and . : / = + - @ _",
        )
