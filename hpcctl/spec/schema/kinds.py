"""The kinds of values: what each must be, in words and as code."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Any

from hpcctl.home import nameable
from hpcctl.spec.schema.model import Kind, Scalar, Unfit

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

DISTRIBUTIONS = ("debian-12", "debian-13", "ubuntu-22.04", "ubuntu-24.04")
TESTED = ("debian-12",)
"""What is tried from end to end; the others are experimental."""

GROUP_LENGTH = 12
# `ssh head` and the host groups of the scheduler must keep the meaning they have
_RESERVED_GROUPS = frozenset({"head", "all", "allhosts", "any", "none", "localhost", "master", "share"})

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LIFETIME = (60, 366 * 86400)


def shown(value: object) -> str:
    """A value as a message quotes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def _kind(name: str, expected: str, pattern: str, what: str) -> Kind:
    """Text of one form; ``what`` it is not, if it is not."""
    compiled = re.compile(pattern, re.ASCII)

    def read(text: str) -> Scalar:
        if not compiled.fullmatch(text):
            raise Unfit(f"{text!r} {what}")
        return text

    return Kind(name=name, expected=expected, read=read)


def _read_by(function: Callable[[Any], Scalar], name: str, expected: str, *, digits: bool = False) -> Kind:
    return Kind(name=name, expected=expected, read=function, digits=digits)


def whole(least: int, most: int, unit: str = "") -> Kind:
    """A whole number in a range; ``unit`` says of what."""

    def read(number: int) -> Scalar:
        if not least <= number <= most:
            raise Unfit(f"{number} is out of range")
        return number

    words = f"a whole number from {least} to {most}" + (f": {unit}" if unit else "")
    return Kind(name=f"whole number, {least} to {most}", expected=words, base=int, read=read)


def choice(*values: str, what: str) -> Kind:
    """One of a few words."""

    def read(text: str) -> Scalar:
        if text not in values:
            raise Unfit(f"{text!r} is not {what}")
        return text

    words = f"one of {', '.join(values)}" if len(values) > 1 else f"{values[0]}, the only one there is"
    return Kind(name="one word", expected=words, read=read, choices=values)


def _usd(amount: float) -> Scalar:
    if not 0 < amount <= 1000:
        raise Unfit(f"{amount:g} is out of range")
    return float(amount)


def _network(text: str) -> Scalar:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise Unfit(f"{text!r} is not a network") from None
    if network.version != 4:
        raise Unfit(f"{text!r} is IPv6; the nodes have IPv4 addresses")
    return str(network)


def _duration(text: str) -> Scalar:
    if not re.fullmatch(r"(?:[0-9]{1,9}[smhd])+", text):
        raise Unfit(f"{text!r} is not a time")
    seconds = sum(int(count) * _UNITS[unit] for count, unit in re.findall(r"([0-9]+)([smhd])", text))
    if not LIFETIME[0] <= seconds <= LIFETIME[1]:
        raise Unfit(f"{text!r} is out of range")
    return seconds


def _user(text: str) -> Scalar:
    if not re.fullmatch(r"[a-z_][a-z0-9_-]{0,31}", text):
        raise Unfit(f"{text!r} cannot be a Linux user")
    if text in _SYSTEM_NAMES or text.startswith("systemd-"):
        raise Unfit(f"{text!r} belongs to the system")
    return text


def _group(text: str) -> Scalar:
    if not re.fullmatch(r"[a-z]+", text) or len(text) > GROUP_LENGTH:
        raise Unfit(f"{text!r} cannot begin the names of nodes")
    if text in _RESERVED_GROUPS:
        raise Unfit(f"{text!r} is reserved")
    return text


def _image(text: str) -> Scalar:
    if text not in DISTRIBUTIONS and not re.fullmatch(r"ami-[0-9a-f]{8,17}", text):
        raise Unfit(f"{text!r} is not an AMI")
    return text


def _mount(text: str) -> Scalar:
    if not re.fullmatch(r"(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)+", text) or len(text) > 100:
        raise Unfit(f"{text!r} cannot be a mount point")
    return text


def _ports(text: str) -> Scalar:
    found = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last <= 65535:
        raise Unfit(f"{text!r} is not a port, nor a range of ports")
    return f"{first}-{last}"


def _path(text: str) -> Scalar:
    if not text or not nameable(text):
        raise Unfit(f"{text!r} cannot be the path of a file here")
    return text


def _tag_key(text: str) -> Scalar:
    if not text:
        raise Unfit("the key of a tag is empty")
    if text.lower().startswith(("aws:", "hpcctl:")) or text == "Name":
        raise Unfit(f"the key {text!r} is reserved")
    return _tag_text(text, 128)


def _tag_text(text: str, most: int = 256) -> str:
    if len(text) > most:
        raise Unfit(f"{text[:20] + '…'!r} is too long for AWS")
    if not re.fullmatch(r"[\w .:/=+\-@]*", text):
        raise Unfit(f"{text!r} has characters that AWS does not allow")
    return text


def _identity(text: Any) -> Scalar:
    scalar: Scalar = text
    return scalar


def _id(prefix: str, what: str) -> Kind:
    return _kind(
        f"id {prefix}-…",
        f"an id such as {prefix}-0123456789abcdef0",
        rf"{prefix}-[0-9a-f]{{8,17}}",
        f"is not the id of {what}",
    )


BOOLEAN = Kind(name="true or false", expected="true or false", base=bool, read=_identity)
USD = Kind(name="USD", expected="US dollars, above 0 and up to 1000, such as 0.25", base=float, read=_usd)
NETWORK = _read_by(_network, "network", "an address or a network, such as 203.0.113.7 or 203.0.113.0/24")
DURATION = _read_by(_duration, "time", 'a time from "1m" to "366d", such as "12h", "90m" or "1d12h"')
USER = _read_by(
    _user,
    "Linux user",
    "lower-case letters, digits, _ and -, a letter first, at most 32, no user of the system: such as hpc",
)
GROUP = _read_by(
    _group,
    "lower-case letters",
    f"lower-case letters, up to {GROUP_LENGTH}, such as node or gpu: the nodes are called node001 …",
)
IMAGE = _read_by(
    _image, "image", f"an id such as ami-0123456789abcdef0, or one of {', '.join(DISTRIBUTIONS)}"
)
MOUNT = _read_by(_mount, "mount point", "an absolute path such as /data: letters, digits, . _ and -")
PORTS = _read_by(
    _ports,
    "port or ports",
    'a port from 1 to 65535, or two with a hyphen, such as "8000-8100"',
    digits=True,
)
PATH = _read_by(_path, "file", "a path without line breaks and other control characters, and without ${")
TAG_KEY = _read_by(
    _tag_key, "tag", "letters, digits, spaces and . : / = + - @ _, up to 128; not Name, aws:… or hpcctl:…"
)
TAG_VALUE = _read_by(_tag_text, "text", "letters, digits, spaces and . : / = + - @ _, up to 256")

INSTANCE_TYPE = _kind(
    "instance type",
    "a family, a dot and a size, such as c5.xlarge",
    r"[a-z][a-z0-9-]*\.[a-z0-9-]+",
    "does not look like an instance type",
)
REGION = _kind(
    "region", "a region such as us-east-1 or eu-central-1", r"[a-z]{2}(?:-[a-z]+)+-\d+", "is not a region"
)
ZONE = _kind(
    "zone",
    "a region and a letter, such as us-east-1a",
    r"[a-z]{2}(?:-[a-z]+)+-\d+(?:-[a-z]+-\d+)?[a-z]",
    "is not a zone",
)
SHELL = _kind("path", "the path of a shell, such as /bin/bash", r"(?:/usr)?/bin/[a-z]*sh", "is not a shell")
IMAGE_NAME = _kind(
    "name, with * and ?",
    "the name of an image, 3 to 128 letters, digits and ( ) . / - ' @ _, with * for any, such as hpc-*",
    r"[A-Za-z0-9()\[\] ./'@_*?-]{3,128}",
    "cannot be the name of an image",
)
IMAGE_OWNER = _kind(
    "account", "an account of 12 digits, self or amazon", r"\d{12}|self|amazon", "owns no images"
)
LABEL = _kind(
    "letters, digits, - and _",
    "letters, digits, hyphens and underscores, a letter first, up to 32",
    r"[A-Za-z][A-Za-z0-9_-]{0,31}",
    "cannot be a name here",
)
VOLUME_LABEL = _kind(
    "lower-case letters, digits, -",
    "lower-case letters, digits and hyphens, a letter first, up to 12: it becomes the file system's label",
    r"[a-z][a-z0-9-]{0,11}",
    "cannot be the name of a volume",
)
DESCRIPTION = _kind(
    "text",
    "up to 255 letters, digits, spaces and . _ - : / ( ) # , @ [ ] + = & ; { } ! $ *",
    r"[A-Za-z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}",
    "is no description that AWS takes",
)
BUCKET = _kind(
    "bucket",
    "the name of a bucket: 3 to 63 lower-case letters, digits, hyphens and dots",
    r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    "cannot be the name of a bucket",
)
INSTANCE_PROFILE = _kind(
    "name",
    "the name of an instance profile",
    r"[\w+=,.@-]{1,128}",
    "cannot be the name of an instance profile",
)
URL = _kind("URL", 'a URL such as "http://127.0.0.1:5000"', r"https?://[^\s/]+(?:/\S*)?", "is not a URL")
ROLE = _kind(
    "role",
    'the ARN of a role such as "arn:aws:iam::123456789012:role/hpc"',
    r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,512}",
    "is not the ARN of a role",
)
TEXT = _kind("text", "text on one line", r"[^\x00-\x1f\x7f\u2028\u2029]{1,200}", "is not text on one line")

VOLUME = _id("vol", "a volume")
SNAPSHOT = _id("snap", "a snapshot")
VPC = _id("vpc", "a VPC")
SUBNET = _id("subnet", "a subnet")
SECURITY_GROUP = _id("sg", "a security group")
EFS = _id("fs", "an EFS file system")
