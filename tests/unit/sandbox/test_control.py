"""Whether the service lives, what it is asked for, what is said when it cannot be had."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from hpcctl import sandbox
from hpcctl.errors import SandboxError, UnreachableError
from hpcctl.sandbox import control, spawn
from hpcctl.sandbox.paths import SandboxPaths, private_folder
from hpcctl.sandbox.record import ImageState, ImageStatus, ServiceRecord, ServiceStatus

RECORD = ServiceRecord(
    pid=1,
    port=4599,
    token="7c9e",
    ssh_port=2222,
    machines=True,
    cold_boot=False,
    started="now",
    sockets="/nowhere",
)


class Silent:
    phase = staticmethod(lambda name: nullcontext())
    detail = note = warn = staticmethod(lambda text: None)


@pytest.fixture
def paths(tmp_path: Path) -> SandboxPaths:
    paths = SandboxPaths(home=tmp_path)
    private_folder(paths.folder)
    return paths


@pytest.fixture
def alive(paths: SandboxPaths) -> Iterator[int]:
    """This process holds the service's lock."""
    handle = os.open(paths.alive, os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    yield handle
    os.close(handle)


def test_a_record_without_the_lock_is_that_of_a_dead_service(paths: SandboxPaths) -> None:
    RECORD.write(paths.record)
    assert sandbox.running(paths.home) is None
    assert sandbox.status(paths.home) is None
    with pytest.raises(UnreachableError) as caught:
        sandbox.cloud(paths.home)
    assert caught.value.hint == "run: hpcctl sandbox up"


@pytest.mark.usefixtures("alive")
def test_a_service_with_lock_and_record_runs_and_is_a_cloud(paths: SandboxPaths) -> None:
    assert sandbox.running(paths.home) is None
    RECORD.write(paths.record)
    assert sandbox.running(paths.home) == RECORD
    cloud = sandbox.cloud(paths.home)
    assert (cloud.profile, cloud.endpoint_url, cloud.ssh_port) == (
        "sandbox",
        "http://127.0.0.1:4599/7c9e",
        2222,
    )
    assert cloud.node_endpoint_url == "http://169.254.169.253"
    assert cloud.ssh_from == ("127.0.0.0/8",)


@pytest.mark.usefixtures("alive")
def test_a_damaged_record_of_a_living_service_is_an_error_with_a_way_out(paths: SandboxPaths) -> None:
    paths.record.write_text("{")
    with pytest.raises(SandboxError) as caught:
        sandbox.running(paths.home)
    assert "sandbox down" in caught.value.hint


def test_a_home_that_never_had_a_sandbox_is_not_touched(tmp_path: Path) -> None:
    assert not sandbox.down(tmp_path)
    assert sandbox.status(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_service_that_ends_at_once_is_quoted(paths: SandboxPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spawn.sys, "executable", "/bin/false")
    with pytest.raises(SandboxError, match="did not start") as caught:
        sandbox.ensure_up(paths.home, progress=Silent(), wanted=sandbox.Wanted(machines=False))
    assert str(paths.log) in caught.value.hint


def test_a_missing_package_is_named_before_anything_starts(
    paths: SandboxPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SandboxError, match="moto") as caught:
        sandbox.ensure_up(paths.home, progress=Silent(), wanted=sandbox.Wanted(machines=False))
    assert "hpcctl[sandbox]" in caught.value.hint
    assert not paths.log.exists()


@pytest.mark.usefixtures("alive")
def test_an_image_that_cannot_be_made_ends_the_sandbox_and_says_why(
    paths: SandboxPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    RECORD.write(paths.record)
    failed = ImageStatus(state=ImageState.FAILED, detail="no space", hint="free some")
    told = ServiceStatus(record=RECORD, image=failed)
    monkeypatch.setattr(control.SandboxClient, "status", lambda self: told)
    ended: list[Path] = []
    monkeypatch.setattr(control, "down", ended.append)
    with pytest.raises(SandboxError, match="no space") as caught:
        sandbox.ensure_up(paths.home, progress=Silent())
    assert (caught.value.hint, ended) == ("free some", [paths.home])


def test_a_status_survives_the_way_through_json() -> None:
    image = ImageStatus(state=ImageState.PREPARING, detail="packages")
    status = ServiceStatus(record=RECORD, image=image, instances={"running": 2})
    assert ServiceStatus.from_json(status.to_json()) == status


def test_homes_differ_in_their_short_paths(tmp_path: Path) -> None:
    first, second = SandboxPaths(home=tmp_path / "a"), SandboxPaths(home=tmp_path / "b")
    assert first.sockets != second.sockets
    assert len(str(first.sockets / "i-0123456789abcdef0.imds")) < 108


def test_a_folder_of_somebody_elses_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(SandboxError, match="somebody else"):
        private_folder(tmp_path / "link")
    (tmp_path / "open").mkdir(mode=0o755)
    assert private_folder(tmp_path / "open").stat().st_mode & 0o777 == 0o700
