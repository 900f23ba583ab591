"""What users add to the first boot of their nodes, packed for user data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from hpcctl.packing import compressed
from hpcctl.spec.model import Base, ClusterSpec

FOLDER = "/etc/hpcctl/scripts"
PROXY_PORT = 3128


@dataclass(frozen=True, kw_only=True)
class PackedScript:
    """A script's place on the node, and its text: gzip and base64, in lines."""

    path: str
    packed: str


@dataclass(frozen=True, kw_only=True)
class PackageProxy:
    """Through the head's ``address`` nodes of ``network`` fetch packages that have no way out of their own."""

    address: str
    network: str
    port: int = PROXY_PORT


def package_proxy(spec: ClusterSpec, base: Base, head_address: str) -> PackageProxy | None:
    """None where every node gets out by itself, or the head does not either."""
    private = any(not group.public_address for group in spec.compute)
    if not private or base.nat or not spec.head.public_address:
        return None
    return PackageProxy(address=head_address, network=base.subnet_cidr)


def packed_scripts(scripts: Iterable[tuple[str, str]]) -> tuple[PackedScript, ...]:
    """Scripts, by name and text, in the order in which they are to run."""
    return tuple(
        PackedScript(path=f"{FOLDER}/{number:02d}-{PurePath(name).name}", packed=compressed(text.encode()))
        for number, (name, text) in enumerate(scripts, 1)
    )
