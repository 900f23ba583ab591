"""Whom hpcctl talks to: its one connection against a real SSH server, which shows and accepts what a test says."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import paramiko
import pytest

from hpcctl.errors import HostKeyChanged, LoginRefused, RemoteError, Unanswered
from hpcctl.keys import KeyPair, new_key
from hpcctl.remote import ssh
from hpcctl.remote.ssh import REFUSALS, Lifeline, Target, connect


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It tries again after a moment."""
    monkeypatch.setattr(ssh, "POLL_SECONDS", 0.01)


class Doorman(paramiko.ServerInterface):
    """Accepts one public key; runs every command by saying it back."""

    def __init__(self, accepted: str) -> None:
        self._accepted = accepted.split()[1]

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        known = key.get_base64() == self._accepted
        return paramiko.common.AUTH_SUCCESSFUL if known else paramiko.common.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.common.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        threading.Thread(target=_say, args=(channel, command), daemon=True).start()
        return True


def _say(channel: paramiko.Channel, command: bytes) -> None:
    while channel.recv(1024):  # its input ends once it knows that the command runs
        pass
    channel.sendall(command + b"\n")
    channel.send_exit_status(0)
    channel.close()


@dataclass
class Server:
    """Where it listens, its host key, how many have come, and what happens when so many have."""

    port: int
    host_key: KeyPair
    visits: int = 0
    enough: int = 0
    then: Callable[[], None] = lambda: None


@pytest.fixture
def login() -> KeyPair:
    return new_key("me")


@pytest.fixture
def server(login: KeyPair, tmp_path: Path) -> Iterator[Server]:
    host_key = new_key("host")
    (tmp_path / "host").write_text(host_key.private)
    shown = paramiko.Ed25519Key(filename=str(tmp_path / "host"))
    listener = socket.create_server(("127.0.0.1", 0))
    made = Server(port=listener.getsockname()[1], host_key=host_key)

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            made.visits += 1
            if made.visits == made.enough:
                made.then()
            transport = paramiko.Transport(client)
            transport.add_server_key(shown)
            try:
                transport.start_server(event=threading.Event(), server=Doorman(login.public))
            except (paramiko.SSHException, EOFError):
                continue

    threading.Thread(target=serve, daemon=True).start()
    yield made
    listener.close()


@pytest.fixture
def key_file(login: KeyPair, tmp_path: Path) -> Path:
    path = tmp_path / "id_ed25519"
    path.write_text(login.private)
    return path


def target(server: Server, key_file: Path, *host_keys: str, settled: bool) -> Target:
    return Target(
        name="demo-head",
        address="127.0.0.1",
        port=server.port,
        user="hpc",
        key_file=key_file,
        host_keys=host_keys,
        settled=settled,
    )


@pytest.mark.parametrize("position", [0, 1])
def test_any_of_the_pinned_keys_will_do(server: Server, key_file: Path, position: int) -> None:
    keys = [new_key("other").public]
    keys.insert(position, server.host_key.public)
    with connect(target(server, key_file, *keys, settled=True), seconds=30, lifeline=Lifeline()) as head:
        assert list(head.stream("hello", "")) == ["hello\n"]
        assert head.read("/etc/a file") == "sudo -n cat '/etc/a file'\n"


def test_another_key_of_a_configured_host_stops_at_once(server: Server, key_file: Path) -> None:
    asked = target(server, key_file, new_key("other").public, settled=True)
    with (
        pytest.raises(HostKeyChanged) as stopped,
        connect(asked, seconds=600, lifeline=Lifeline()),
    ):
        pass
    assert server.visits == 2  # one to see that a server speaks there, one that was broken off
    assert "another host key" in stopped.value.message
    assert "update-ssh" in stopped.value.hint
    assert "hpcctl show demo" in stopped.value.hint


def test_another_key_before_the_first_boot_is_waited_out(server: Server, key_file: Path) -> None:
    """A stock image shows a key of its own making until user data has run."""
    asked = target(server, key_file, new_key("other").public, settled=False)
    lifeline = Lifeline()
    server.enough, server.then = 5, lifeline.cut  # in the middle of the third attempt
    with (
        pytest.raises(RemoteError, match="another host key") as stopped,
        connect(asked, seconds=600, lifeline=lifeline),
    ):
        pass
    assert not isinstance(stopped.value, HostKeyChanged)
    assert server.visits >= 5


def test_a_host_that_never_answers_is_given_up(server: Server, key_file: Path) -> None:
    asked = replace(target(server, key_file, settled=False), address="127.0.0.2")
    with pytest.raises(Unanswered, match="no answer"), connect(asked, seconds=0.1, lifeline=Lifeline()):
        pass
    assert server.visits == 0


def test_a_host_that_works_and_refuses_the_key_says_so_soon(server: Server, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    stranger.write_text(new_key("stranger").private)
    asked = target(server, stranger, server.host_key.public, settled=True)
    with pytest.raises(LoginRefused), connect(asked, seconds=600, lifeline=Lifeline()):
        pass
    assert server.visits == 2 * REFUSALS


def test_a_key_is_compared_as_a_whole(server: Server, key_file: Path) -> None:
    kind, data = server.host_key.public.split()[:2]
    almost = base64.b64encode(base64.b64decode(data)[:-1] + b"\0").decode()
    asked = target(server, key_file, f"{kind} {almost}", f"ssh-rsa {data}", settled=True)
    with pytest.raises(HostKeyChanged), connect(asked, seconds=30, lifeline=Lifeline()):
        pass
