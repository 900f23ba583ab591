"""Is a text an OpenSSH public key that EC2 and sshd both take?"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from hpcctl.errors import Problem

OF_EC2 = ("ssh-ed25519", "ssh-rsa")  # ImportKeyPair takes no others
OF_SSHD = (
    *OF_EC2,
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
)
_MAKE_ONE = "make one with: ssh-keygen -t ed25519"


def problem_with(text: str, *, where: str, accepted: Sequence[str] = OF_EC2) -> Problem | None:
    """What is wrong with a public key, or None; ``accepted`` are the types that will do."""
    if "-----BEGIN" in text:
        return Problem(where=where, what="this is a private key", hint="give the file that ends in .pub")
    words = text.split(maxsplit=2)
    if len(words) < 2 or "\n" in text.strip():
        return Problem(where=where, what="not one OpenSSH public key on one line", hint=_MAKE_ONE)
    kind, encoded = words[0], words[1]
    if kind not in accepted:
        who = "EC2" if tuple(accepted) == OF_EC2 else "the nodes"
        return Problem(
            where=where,
            what=f"keys of type {kind!r} are not accepted by {who}",
            hint=f"use ssh-ed25519 or ssh-rsa; {_MAKE_ONE}",
        )
    if _kind_inside(encoded) != kind:
        return Problem(where=where, what="the public key is damaged or cut off", hint=_MAKE_ONE)
    return None


def _kind_inside(encoded: str) -> str | None:
    """The name of the algorithm as the key itself holds it."""
    try:
        raw = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None
    fields = _fields(raw)
    return fields[0].decode("ascii", "replace") if fields and len(fields) > 1 else None


def _fields(raw: bytes) -> list[bytes] | None:
    """The length-prefixed fields of a key; None if a length does not fit."""
    fields, rest = [], raw
    while rest:
        length = int.from_bytes(rest[:4], "big")
        if len(rest) < 4 + length:
            return None
        fields.append(rest[4 : 4 + length])
        rest = rest[4 + length :]
    return fields
