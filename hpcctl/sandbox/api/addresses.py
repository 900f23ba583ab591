"""What stands in for public addresses: loopback, so that nothing invented can belong to a stranger."""

from __future__ import annotations

import errno
import secrets
import socket
import threading

from hpcctl.errors import SandboxError

_FIRST_BLOCK, _BLOCKS = 16, 236  # 127.0.x.x is left to everybody else
_HOSTS = 254 * 256
_ATTEMPTS = 64


class PortTaken(SandboxError):
    """Something listens at that port on every address."""


class LoopbackAddresses:
    """Hands out addresses of 127.0.0.0/8, in order, so that a stopped machine comes back with another one.

    The second number comes from ``digest``: two sandboxes rarely share it, and where they do, the
    check that SSH's port is free keeps them apart (``check`` False: nothing will ever listen there).
    """

    def __init__(self, digest: str, *, port: int, check: bool = True) -> None:
        self._block = _FIRST_BLOCK + int(digest[:8], 16) % _BLOCKS
        self._port = port
        self._check = check
        self._next = 0
        self._lock = threading.Lock()

    def take(self) -> str:
        """An address on which nothing listens at the SSH port."""
        with self._lock:
            for _ in range(_ATTEMPTS):
                high, low = divmod(self._next % _HOSTS, 254)
                self._next += 1
                address = f"127.{self._block}.{high}.{low + 1}"
                if not self._check or is_free(address, self._port):
                    return address
        raise PortTaken(
            f"port {self._port} is taken on every loopback address tried (127.{self._block}.0.0/16)",
            hint="a server that listens on all addresses keeps it; see: ss -ltnp",
        )


def is_free(address: str, port: int) -> bool:
    """Whether a server could listen there now. Raises SandboxError where the system has no such address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise SandboxError(
                    f"this system has no address {address}",
                    hint="the sandbox needs all of 127.0.0.0/8 (Linux)",
                ) from error
            return False
    return True


def private_mac() -> str:
    """A hardware address for a card in a VPC: locally administered, unlike any other in practice."""
    return ":".join(f"{byte:02x}" for byte in (0x02, *secrets.token_bytes(5)))
