"""The driver's one SSH connection: to the head, with its host key pinned. The home of fabric."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hpcctl.errors import RemoteError

if TYPE_CHECKING:
    from fabric import Connection
    from paramiko import Channel

POLL_SECONDS = 0.5
ANSWER_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where and as whom: the key is a file, the host key a line ``ssh-ed25519 AAAA…``."""

    name: str
    address: str
    port: int
    user: str
    key_file: Path
    host_key: str


class Lifeline:
    """Lets another thread break off a connection, or the attempts to make one."""

    def __init__(self) -> None:
        self._cut = threading.Event()
        self._connection: Connection | None = None

    def cut(self) -> None:
        """End it now; whoever waits for the connection gets a RemoteError."""
        self._cut.set()
        if self._connection:
            self._connection.close()

    def wait(self, seconds: float) -> bool:
        """Wait so long, less if it is cut; is it?"""
        return self._cut.wait(seconds)

    def hold(self, connection: Connection) -> None:
        """This is the connection to end."""
        self._connection = connection
        if self._cut.is_set():
            connection.close()


@contextmanager
def connect(target: Target, *, seconds: float, lifeline: Lifeline) -> Iterator[Head]:
    """A connection to a head that may still be booting: it is tried again for so many seconds.

    Raises RemoteError when it never answers, and when it answers with another key than the pinned one.
    """
    connection = _open(target, time.monotonic() + seconds, lifeline)
    lifeline.hold(connection)
    try:
        yield Head(target, connection)
    finally:
        connection.close()


class Head:
    """An open connection."""

    def __init__(self, target: Target, connection: Connection) -> None:
        self._target = target
        self._connection = connection

    def stream(self, command: str, data: str) -> Iterator[str]:
        """Run a command with ``data`` on its standard input; its lines as they come.

        The last line of standard error is in the RemoteError that a failure without output raises.
        """
        transport = self._connection.transport
        channel = transport.open_session()
        channel.exec_command(command)
        _feed(channel, data.encode())
        spoke = False
        with closing(channel), channel.makefile("rb") as lines:
            for line in lines:
                spoke = True
                yield line.decode(errors="replace")
            if channel.recv_exit_status() and not spoke:
                words = channel.makefile_stderr("r").read().decode(errors="replace").strip()
                raise RemoteError(f"{self._target.name}: {words or 'the command failed without a word'}")


def _feed(channel: Channel, data: bytes) -> None:
    channel.sendall(data)
    channel.shutdown_write()


def _open(target: Target, deadline: float, lifeline: Lifeline) -> Connection:
    from paramiko import AuthenticationException, BadHostKeyException, SSHException

    problem = "no answer"
    while time.monotonic() < deadline:
        try:
            if _answers(target.address, target.port):
                return _login(target)
        except BadHostKeyException:
            # Before user data has run, the machine shows a key of its own making: not ours, so not trusted.
            problem = "it shows another host key than the one that hpcctl gave it"
        except AuthenticationException:
            problem = f"it does not accept the key of the user {target.user}"
        except (SSHException, OSError, EOFError) as error:
            problem = str(error) or type(error).__name__
        if lifeline.wait(POLL_SECONDS):
            break
    raise RemoteError(
        f"{target.name} ({target.address} port {target.port}) cannot be reached by SSH: {problem}",
        hint="is your present address allowed in? `hpcctl show` tells the state of the nodes",
    )


def _answers(address: str, port: int) -> bool:
    """Whether an SSH server speaks there; cheaper than a handshake, and no login is counted."""
    try:
        with socket.create_connection((address, port), timeout=ANSWER_SECONDS) as peer:
            return peer.recv(4) == b"SSH-"
    except OSError:
        return False


def _login(target: Target) -> Connection:
    from fabric import Config, Connection
    from paramiko import RejectPolicy

    config = Config(lazy=True)  # nobody's ~/.ssh/config or fabric.yml has a say here
    config.load_ssh_config = False
    connection = Connection(
        target.address,
        user=target.user,
        port=target.port,
        config=config,
        connect_timeout=10,
        connect_kwargs={
            "key_filename": str(target.key_file),
            "allow_agent": False,
            "look_for_keys": False,
            "banner_timeout": 30,
            "auth_timeout": 30,
        },
    )
    client = connection.client
    client.set_missing_host_key_policy(RejectPolicy())
    keys = client.get_host_keys()
    kind, key = _public_key(target.host_key)
    name = target.address if target.port == 22 else f"[{target.address}]:{target.port}"
    keys.add(name, kind, key)
    connection.open()
    return connection


def _public_key(line: str) -> tuple[str, object]:
    import base64

    from paramiko import Ed25519Key, Message

    kind, data = line.split()[:2]
    return kind, Ed25519Key(Message(base64.b64decode(data)))
