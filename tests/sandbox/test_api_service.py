"""The service's life: up, twice up, two side by side, killed, down; and nothing of it left."""

from __future__ import annotations

import os
import signal
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpcctl import sandbox
from hpcctl.errors import SandboxError, UnreachableError
from hpcctl.sandbox.paths import SandboxPaths
from hpcctl.sandbox.record import ServiceRecord
from tests.sandbox.polling import until
from tests.sandbox.quiet import WITHOUT_MACHINES, Silent

pytestmark = pytest.mark.sandbox


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    sandbox.down(tmp_path)


def _up(home: Path, **wanted: int) -> ServiceRecord:
    settings = sandbox.Wanted(machines=False, **wanted) if wanted else WITHOUT_MACHINES
    sandbox.ensure_up(home, progress=Silent(), wanted=settings)
    record = sandbox.running(home)
    assert record
    return record


def _left(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}


def test_up_twice_is_up_once(home: Path) -> None:
    assert _up(home) == _up(home)


def test_two_at_once_start_one(home: Path) -> None:
    threads = [threading.Thread(target=_up, args=(home,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    record = sandbox.running(home)
    assert record
    started = [line for line in SandboxPaths(home=home).log.read_text().splitlines() if "answers at" in line]
    assert len(started) == 1


def test_two_homes_live_side_by_side(home: Path, sandbox_home: Path) -> None:
    mine, other = _up(home), sandbox.running(sandbox_home)
    assert other and mine.port != other.port and mine.sockets != other.sockets
    assert sandbox.down(home)
    assert sandbox.status(sandbox_home)


def test_what_a_killed_service_left_is_removed_by_the_next(home: Path) -> None:
    killed = _up(home)
    os.kill(killed.pid, signal.SIGKILL)
    until(lambda: sandbox.running(home) is None, what="the killed one is noticed")
    assert Path(killed.sockets).exists()
    assert sandbox.status(home) is None
    assert _up(home).pid != killed.pid


def test_down_after_a_kill_leaves_nothing(home: Path) -> None:
    killed = _up(home)
    os.kill(killed.pid, signal.SIGKILL)
    until(lambda: sandbox.running(home) is None, what="the killed one is noticed")
    assert sandbox.down(home)
    assert not Path(killed.sockets).exists()
    assert _left(home) == {"sandbox/alive.lock", "sandbox/door.lock", "sandbox/service.log"}
    assert not sandbox.down(home)


def test_down_frees_the_port(home: Path) -> None:
    record = _up(home)
    sandbox.down(home)
    assert not Path(record.sockets).exists()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", record.port))
    with pytest.raises(UnreachableError) as caught:
        sandbox.cloud(home)
    assert "sandbox up" in caught.value.hint


def test_a_port_that_is_asked_for_and_taken_is_an_error(home: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(SandboxError, match=f"port {port} .* is taken"):
            _up(home, port=port)
    assert sandbox.running(home) is None


def test_other_settings_than_those_of_the_running_one_are_refused(home: Path) -> None:
    _up(home)
    with pytest.raises(SandboxError, match="other settings"):
        sandbox.ensure_up(home, progress=Silent(), wanted=sandbox.Wanted(machines=True))


def test_files_and_sockets_are_for_their_owner_alone(home: Path) -> None:
    record = _up(home)
    paths = SandboxPaths(home=home)
    for path in (paths.folder, paths.record, paths.log, Path(record.sockets), Path(record.sockets, "api")):
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/_sandbox/faults", 403), ("POST", "/moto-api/reset", 404), ("GET", "/latest/meta-data/", 404)],
)
def test_what_a_web_page_could_do_is_refused(sandbox_home: Path, method: str, path: str, status: int) -> None:
    endpoint = sandbox.cloud(sandbox_home).endpoint_url
    request = urllib.request.Request(f"{endpoint}{path}", data=b"{}", method=method)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    assert caught.value.code == status
    assert "Access-Control-Allow-Origin" not in caught.value.headers
    caught.value.close()
