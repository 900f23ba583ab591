"""Connections that stay open, bodies of any size, on loopback and on a unix socket."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hpcctl.sandbox.api.http import listen_on_loopback, listen_on_socket, reserve_port


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answers with the body, sized or in chunks as the path says; /deaf leaves the body unread."""
    body = b"" if environ["PATH_INFO"] == "/deaf" else environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/broken":
        raise RuntimeError("on purpose")
    sized = environ["PATH_INFO"] != "/chunks"
    start_response("200 OK", [("Content-Length", str(len(body)))] if sized else [])
    return [body[:3], body[3:]]


@pytest.fixture(params=["loopback", "socket"])
def connection(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[http.client.HTTPConnection]:
    if request.param == "loopback":
        listener = listen_on_loopback(reserve_port([0]), echo)
        connection = http.client.HTTPConnection("127.0.0.1", listener.port, timeout=10)
    else:
        listener = listen_on_socket(tmp_path / "s", echo)
        connection = http.client.HTTPConnection("any", timeout=10)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(tmp_path / "s"))
    yield connection
    connection.close()
    listener.close()


def _ask(connection: http.client.HTTPConnection, path: str, body: Any = None, **options: Any) -> bytes:
    connection.request("POST", path, body, **options)
    return connection.getresponse().read()


@pytest.mark.parametrize("path", ["/", "/chunks"])
def test_many_requests_go_over_one_connection(connection: http.client.HTTPConnection, path: str) -> None:
    _ask(connection, path, b"first")
    first = connection.sock
    for number in range(20):
        body = b"x" * number * 1000
        assert _ask(connection, path, body) == body
    assert connection.sock is first


def test_a_body_in_chunks_is_understood(connection: http.client.HTTPConnection) -> None:
    assert _ask(connection, "/", iter([b"one ", b"two"]), encode_chunked=True) == b"one two"
    assert _ask(connection, "/", b"three") == b"three"


def test_a_body_that_nobody_reads_does_not_spoil_the_next_request(
    connection: http.client.HTTPConnection,
) -> None:
    assert _ask(connection, "/deaf", b"y" * 300_000) == b""
    assert _ask(connection, "/", b"next") == b"next"


def test_a_head_request_has_no_body(connection: http.client.HTTPConnection) -> None:
    connection.request("HEAD", "/")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"")
    assert _ask(connection, "/", b"next") == b"next"


def test_an_application_that_breaks_is_answered_for(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/broken", b"body")
    assert connection.getresponse().status == 500


def test_a_socket_is_for_its_owner_alone_and_goes_with_the_listener(tmp_path: Path) -> None:
    path = tmp_path / "s"
    listener = listen_on_socket(path, echo)
    assert path.stat().st_mode & 0o777 == 0o600
    listener.close()
    assert not path.exists()


def test_a_listener_that_is_closed_lets_go_of_its_port() -> None:
    listener = listen_on_loopback(reserve_port([0]), echo)
    port = listener.port
    listener.close()
    reserve_port([port]).close()
