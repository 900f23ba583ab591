"""A metadata service for one machine, and an API that stores what it is given: both on unix sockets."""

from __future__ import annotations

import socketserver
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

TOKEN = "the-token"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What the metadata service says of one machine."""

    instance_id: str
    ip: str
    mac: str
    network: str
    public_key: str
    user_data: bytes | None = None

    def documents(self) -> dict[str, bytes]:
        """Path below a version, and its content."""
        card = f"meta-data/network/interfaces/macs/{self.mac}"
        texts = {
            "meta-data/instance-id": self.instance_id,
            "meta-data/local-ipv4": self.ip,
            "meta-data/mac": self.mac,
            "meta-data/ami-id": "ami-0",
            "meta-data/local-hostname": f"ip-{self.ip.replace('.', '-')}.ec2.internal",
            "meta-data/hostname": f"ip-{self.ip.replace('.', '-')}.ec2.internal",
            "dynamic/instance-identity/document": '{"region": "us-east-1"}',
            "meta-data/public-keys/": "0=test",
            "meta-data/public-keys/0/": "openssh-key",
            "meta-data/public-keys/0/openssh-key": self.public_key,
            f"{card}/vpc-ipv4-cidr-block": self.network,
            f"{card}/local-ipv4s": self.ip,
        }
        documents = {path: text.encode() for path, text in texts.items()}
        if self.user_data is not None:
            documents["user-data"] = self.user_data
        return documents


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def address_string(self) -> str:
        return "unix"

    def answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve_metadata(sock: Path, identity: Identity) -> _Server:
    """Answer as 169.254.169.254 does, IMDSv2 only."""
    documents = identity.documents()

    class Handler(_Handler):
        def do_PUT(self) -> None:
            self.answer(200, TOKEN.encode())

        def do_GET(self) -> None:
            if self.headers.get("X-aws-ec2-metadata-token") != TOKEN:
                self.answer(401)
                return
            path = self.path.lstrip("/").partition("/")[2]
            if path in documents:
                self.answer(200, documents[path])
                return
            folder = path.rstrip("/") + "/"
            names = {name[len(folder) :].partition("/") for name in documents if name.startswith(folder)}
            listing = "\n".join(sorted({name + slash for name, slash, _ in names}))
            self.answer(200 if names else 404, listing.encode())

    return _started(sock, Handler)


def serve_store(sock: Path) -> _Server:
    """Keeps what is PUT, gives it back at GET: a stand-in for S3 in size and direction."""
    kept: dict[str, bytes] = {}

    class Handler(_Handler):
        def do_PUT(self) -> None:
            kept[self.path] = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.answer(200)

        def do_GET(self) -> None:
            self.answer(200 if self.path in kept else 404, kept.get(self.path, b""))

    return _started(sock, Handler)


def _started(sock: Path, handler: type[BaseHTTPRequestHandler]) -> _Server:
    server = _Server(str(sock), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server
