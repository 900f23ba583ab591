"""An HTTP/1.1 server for WSGI applications that keeps connections open, on loopback or on a unix socket.

Werkzeug's own server closes the connection after every answer; Terraform, boto3 and s3fs ask hundreds of
questions, each of which would then cost a new connection and, from a machine, a new forwarded stream.
"""

from __future__ import annotations

import logging
import selectors
import socket
import socketserver
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.wsgi import LimitedStream

from hpcctl.errors import SandboxError

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_LOG = logging.getLogger(__name__)
_BLOCK = 1 << 16
_BACKLOG = 256


class _Handler(MotoRequestHandler):
    """One connection, many requests. ``make_environ`` is moto's: it keeps S3's metadata names as they came."""

    protocol_version = "HTTP/1.1"
    server_version = "AmazonEC2"
    sys_version = ""
    wbufsize = _BLOCK
    disable_nagle_algorithm = True

    def handle_expect_100(self) -> bool:
        """Who asks before sending a body (boto3 does with each object) waits a whole second for this answer."""
        goes_on = super().handle_expect_100()
        self.wfile.flush()
        return goes_on

    def run_wsgi(self) -> None:
        """Answer one request; what the application left of the body is read away, so that the next one is found."""
        environ = self.make_environ()
        body = _body_of(environ, self.rfile)
        environ["wsgi.input"], environ["wsgi.input_terminated"] = body, True
        answer: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
            answer[:] = [status, headers]
            return self.wfile.write

        try:
            chunks = self.server.app(environ, start_response)
        except Exception:  # whoever asked must not wait; the log has the rest
            _LOG.exception("%s %s", self.command, self.path)
            answer[:], chunks = ["500 Internal Server Error", [("Content-Length", "0")]], ()
        try:
            self._send(answer, chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close:
                close()
        while body.read(_BLOCK):
            pass

    def _send(self, answer: list[Any], chunks: Iterable[bytes]) -> None:
        blocks = iter(chunks)
        first = next(blocks, b"")
        status, headers = answer
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            if name.lower() not in ("date", "server", "connection"):
                self.send_header(name, value)
        bodiless = self.command == "HEAD" or int(code) in (204, 304)
        sized = bodiless or any(name.lower() == "content-length" for name, _ in headers)
        if not sized:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if not bodiless:
            self._write(first, blocks, chunked=not sized)
        self.wfile.flush()

    def _write(self, first: bytes, rest: Iterable[bytes], *, chunked: bool) -> None:
        for block in (first, *rest) if chunked else _chain(first, rest):
            if block:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(block), block) if chunked else block)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        _LOG.debug("%s %s", getattr(self, "requestline", "?"), code)

    def log(self, type: str, message: str, *args: Any) -> None:
        _LOG.info(message, *args)


class _UnixHandler(_Handler):
    disable_nagle_algorithm = False


def _chain(first: bytes, rest: Iterable[bytes]) -> Iterable[bytes]:
    yield first
    yield from rest


def _body_of(environ: dict[str, Any], stream: Any) -> Any:
    if environ.get("wsgi.input_terminated"):  # a chunked body, already unwrapped
        return environ["wsgi.input"]
    return LimitedStream(stream, int(environ.get("CONTENT_LENGTH") or 0))


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    block_on_close = False
    handler: type[_Handler] = _Handler
    allow_reuse_address = True
    request_queue_size = _BACKLOG
    timeout = 0  # a request is only asked for when one is there
    # what the request handler of werkzeug asks its server for
    ssl_context = None
    multithread = True
    multiprocess = False

    def __init__(self, address: Any, app: Application, *, reserved: socket.socket | None = None) -> None:
        self.app = app
        super().__init__(address, self.handler, bind_and_activate=reserved is None)
        if reserved:
            self.socket.close()
            self.socket, self.server_address = reserved, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        _LOG.exception("a request failed")


class _UnixServer(_Server):
    address_family = socket.AF_UNIX
    handler = _UnixHandler

    def get_request(self) -> tuple[Any, Any]:
        connection, _ = super().get_request()
        return connection, ("local", 0)


class Listener:
    """A server in a thread. ``app`` is called from one thread per connection."""

    def __init__(self, server: _Server, *, path: Path | None = None) -> None:
        self._server = server
        self._path = path
        server.server_address = ("127.0.0.1", 80) if path else server.server_address  # what WSGI wants to see
        self._stop, self._stopped = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens on loopback."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Listen no more."""
        self._stop.close()
        self._thread.join()
        self._server.server_close()
        if self._path:
            self._path.unlink(missing_ok=True)

    def _serve(self) -> None:
        """``serve_forever`` looks again and again whether it is to end: with a listener for each machine, all day."""
        with self._stopped, selectors.DefaultSelector() as ready:
            ready.register(self._server, selectors.EVENT_READ)
            ready.register(self._stopped, selectors.EVENT_READ)
            while not any(key.fileobj is self._stopped for key, _ in ready.select()):
                self._server.handle_request()


def reserve_port(ports: Iterable[int]) -> socket.socket:
    """A socket that listens on 127.0.0.1, at the first of ``ports`` that is free; SandboxError if none is."""
    tried = list(ports)
    for port in tried:
        reserved = socket.socket()
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            reserved.bind(("127.0.0.1", port))
            reserved.listen(_BACKLOG)
        except OSError:
            reserved.close()
        else:
            return reserved
    names = str(tried[0]) if len(tried) == 1 else f"{tried[0]} to {tried[-1]}"
    raise SandboxError(f"port {names} of 127.0.0.1 is taken", hint="choose another one with --port")


def listen_on_loopback(reserved: socket.socket, app: Application) -> Listener:
    """Serve on a socket from ``reserve_port``."""
    return Listener(_Server(reserved.getsockname(), app, reserved=reserved))


def listen_on_socket(path: Path, app: Application) -> Listener:
    """Serve on a unix socket that only this user can open."""
    path.unlink(missing_ok=True)
    server = _UnixServer(str(path), app)
    path.chmod(0o600)
    return Listener(server, path=path)
