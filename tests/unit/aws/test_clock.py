"""A clock that is an hour off: AWS refuses the requests, and the refusal itself tells why."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from hpcctl.aws import caller, instances
from hpcctl.diagnosis.account import account_checks
from hpcctl.diagnosis.model import Result, run_checks
from hpcctl.errors import CredentialsError
from hpcctl.spec.model import Cloud
from tests.unit.records import CLOUD

HOUR = 3600.0
REFUSAL = (
    b"<Response><Errors><Error><Code>AuthFailure</Code><Message>no</Message></Error></Errors></Response>"
)


class ElsewhereInTime(BaseHTTPRequestHandler):
    """An API that refuses everything, as EC2 does where the signature's time is not its own."""

    ahead = 0.0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response_only(401)
        self.send_header("Date", formatdate(time.time() + self.ahead, usegmt=True))
        self.send_header("Content-Length", str(len(REFUSAL)))
        self.end_headers()
        self.wfile.write(REFUSAL)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(params=[HOUR, -HOUR], ids=["behind", "ahead"])
def elsewhere(request: pytest.FixtureRequest) -> Iterator[tuple[Cloud, str]]:
    """A cloud whose clock is an hour off ours, and what our clock is then."""
    handler = type("Handler", (ElsewhereInTime,), {"ahead": request.param})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    cloud = replace(CLOUD, endpoint_url=f"http://127.0.0.1:{server.server_port}")
    yield cloud, "behind" if request.param > 0 else "ahead"
    server.shutdown()
    server.server_close()


@pytest.mark.fault(
    "the clock is off by an hour", "every verb that asks AWS", "said so, with the way to set it"
)
def test_a_refusal_because_of_the_clock_says_so(elsewhere: tuple[Cloud, str]) -> None:
    cloud, ours = elsewhere
    with pytest.raises(CredentialsError) as caught:
        instances(cloud)
    assert f"the clock of this machine is 60 minutes {ours}" in caught.value.message
    assert "timedatectl" in caught.value.hint


def test_doctor_finds_the_clock(elsewhere: tuple[Cloud, str], tmp_path: Path) -> None:
    cloud, ours = elsewhere
    ahead = caller.clock_ahead(cloud)
    assert ahead is not None
    assert abs(abs(ahead) - HOUR) < 60
    clock = [check for check in account_checks(tmp_path, cloud) if check.name == "clock"]
    (checked,) = run_checks(clock)
    assert checked.finding.result is Result.PROBLEM
    assert ours in checked.finding.text


def test_a_refusal_with_the_right_time_is_one_of_the_credentials() -> None:
    server = HTTPServer(("127.0.0.1", 0), ElsewhereInTime)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    cloud = replace(CLOUD, endpoint_url=f"http://127.0.0.1:{server.server_port}")
    try:
        with pytest.raises(CredentialsError, match="does not accept the credentials"):
            instances(cloud)
    finally:
        server.shutdown()
        server.server_close()
