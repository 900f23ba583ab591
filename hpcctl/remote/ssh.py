"""The driver's one SSH connection: to the head, with its host key pinned. The home of fabric."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hpcctl.errors import BrokenOff, HostKeyChanged, LoginRefused, RemoteError, Unanswered
from hpcctl.templating import quote_shell

if TYPE_CHECKING:
    from fabric import Connection
    from paramiko import Channel, MissingHostKeyPolicy

POLL_SECONDS = 0.5
ANSWER_SECONDS = 5.0
REFUSALS = 3
"""So often may a host that works refuse a login: one that starts may still be busy with its users."""
HUNG_UP = "transport shut down"
"""How paramiko tells of a host that took the key and then hung up: its system boots, or shuts down (pam_nologin)."""
KEEPALIVE_SECONDS = 10
SILENT_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where and as whom: the key is a file, a host key a line ``ssh-ed25519 AAAA…``; any of them will do.

    ``settled``: the host has a key of its own and knows its user. What is refused then will not get better by waiting.
    """

    name: str
    address: str
    port: int
    user: str
    key_file: Path
    host_keys: tuple[str, ...]
    settled: bool = False


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


@dataclass(frozen=True, kw_only=True)
class Executed:
    """How a command ended, and all that it wrote."""

    stdout: str
    stderr: str
    code: int


@contextmanager
def connect(target: Target, *, seconds: float, lifeline: Lifeline) -> Iterator[Head]:
    """A connection to a head that may still be booting: it is tried again for so many seconds.

    Raises Unanswered when it never answers, or with another key than the pinned one.
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

        The last line of standard error is in the RemoteError that a failure without output raises; a connection
        that ends before the command does is BrokenOff.
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
            code = channel.recv_exit_status()
            if code < 0:
                raise self._broken()
            if code and not spoke:
                words = channel.makefile_stderr("r").read().decode(errors="replace").strip()
                raise RemoteError(f"{self._target.name}: {words or 'the command failed without a word'}")

    def execute(self, command: str, data: str = "") -> Executed:
        """Run a command with ``data`` on its standard input, to its end, however that is. BrokenOff."""
        from invoke.exceptions import ThreadException

        try:
            done = self._connection.run(command, hide=True, warn=True, in_stream=io.StringIO(data), pty=False)
        except (OSError, EOFError, ThreadException) as error:
            raise self._broken() from error
        if done.exited < 0:
            raise self._broken()
        return Executed(stdout=done.stdout, stderr=done.stderr, code=done.exited)

    def put(self, local: Path, remote: str) -> None:
        """Copy a file to the host, with its mode. RemoteError where that cannot be."""
        self._copy(f"{local} to {remote}", lambda: self._connection.put(str(local), remote))

    def get(self, remote: str, local: Path) -> None:
        """Copy a file from the host, with its mode. RemoteError where that cannot be."""
        self._copy(f"{remote} to {local}", lambda: self._connection.get(remote, str(local)))

    def _copy(self, what: str, do: Callable[[], object]) -> None:
        try:
            do()
        except (OSError, EOFError) as error:
            raise RemoteError(
                f"{self._target.name}: {what} cannot be copied: {error}",
                hint="one file at a time, to a folder that is there; for folders: scp -r",
            ) from error

    def _broken(self) -> BrokenOff:
        return BrokenOff(f"{self._target.name}: the connection broke off", hint="run the same command again")

    def read(self, path: str) -> str:
        """A file of the head, read as root. RemoteError where there is none."""
        return "".join(self.stream(f"sudo -n cat {quote_shell(path)}", ""))


def _feed(channel: Channel, data: bytes) -> None:
    channel.sendall(data)
    channel.shutdown_write()


def _open(target: Target, deadline: float, lifeline: Lifeline) -> Connection:
    from paramiko import AuthenticationException, BadHostKeyException, SSHException

    problem = "no answer"
    refused = 0
    while time.monotonic() < deadline:
        try:
            if _answers(target.address, target.port):
                return _login(target)
        except BadHostKeyException as error:
            if target.settled:
                raise _host_key_changed(target) from error
            # Before user data has run, the machine shows a key of its own making: not ours, so not trusted.
            problem = "it shows another host key than the one that hpcctl gave it"
        except AuthenticationException as error:
            hung_up = HUNG_UP in str(error)
            refused += not hung_up
            problem = (
                "it lets no user in yet"
                if hung_up
                else f"it does not accept the key of the user {target.user}"
            )
            if target.settled and refused >= REFUSALS:
                raise LoginRefused(
                    f"{target.name}: {problem}", hint=f"the key is {target.key_file}"
                ) from error
        except (SSHException, OSError, EOFError) as error:
            problem = str(error) or type(error).__name__
        if lifeline.wait(POLL_SECONDS):
            break
    raise Unanswered(
        f"{target.name} ({target.address} port {target.port}) cannot be reached by SSH: {problem}",
        hint="is your present address allowed in? `hpcctl show` tells the state of the nodes",
    )


def _host_key_changed(target: Target) -> HostKeyChanged:
    cluster = target.name.rpartition("-")[0]
    return HostKeyChanged(
        f"{target.name} ({target.address} port {target.port}) shows another host key than the one that it was given;"
        " nothing was sent to it",
        hint="another machine may have this address now (`hpcctl update-ssh` finds the present one), the head's disk"
        " may have been made anew, or somebody is in between. If the machine is yours and it was you who changed the"
        f" key, put the new one into ssh/known_hosts of the cluster; `hpcctl show {cluster}` tells what is there",
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
    connection.client.set_missing_host_key_policy(_only(target.host_keys))
    try:
        connection.open()
    except BaseException:
        connection.client.close()  # fabric leaves what did not get to its end to the garbage collector
        raise
    _notice_death(connection)
    return connection


def _notice_death(connection: Connection) -> None:
    """A host that dies sends no word of it: who acknowledges nothing for so long is taken for dead."""
    transport = connection.transport
    transport.set_keepalive(KEEPALIVE_SECONDS)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        transport.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_SECONDS * 1000)


def _only(lines: tuple[str, ...]) -> type[MissingHostKeyPolicy]:
    """paramiko keeps one key for each host. It is told of none, so it asks about every key; here is the answer."""
    from paramiko import BadHostKeyException, MissingHostKeyPolicy, PKey, SSHClient

    accepted = {tuple(line.split()[:2]) for line in lines}

    class Pinned(MissingHostKeyPolicy):
        def missing_host_key(self, client: SSHClient, hostname: str, key: PKey) -> None:
            if (key.get_name(), key.get_base64()) not in accepted:
                raise BadHostKeyException(hostname, key, key)

    return Pinned
