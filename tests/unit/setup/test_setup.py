"""What is missing is found, named, and installed only when its checksum is right."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hpcctl.errors import HpcctlError
from hpcctl.setup import packages, terraform, toolchain
from hpcctl.setup.toolchain import Need, Release


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Release]:
    """A Terraform on a server of our own."""
    folder = tmp_path / "www"
    folder.mkdir()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("terraform", "#!/bin/sh\necho here\n")
        archive.writestr("LICENSE.txt", "x")
    (folder / "t.zip").write_bytes(buffer.getvalue())
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    checksum = hashlib.sha256(buffer.getvalue()).hexdigest()
    yield Release(version="9.9.9", url=f"http://127.0.0.1:{server.server_port}/t.zip", sha256=checksum)
    server.shutdown()
    thread.join()
    server.server_close()


def pinned(monkeypatch: pytest.MonkeyPatch, release: Release | None) -> None:
    monkeypatch.setattr(terraform, "release", lambda _: release)
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def test_terraform_is_unpacked_and_runs(
    tmp_path: Path, served: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned(monkeypatch, served)
    said: list[str] = []
    path = terraform.install_terraform(tmp_path / "home", say=said.append)
    assert path == tmp_path / "home" / "bin" / "terraform"
    assert subprocess.run([path], check=True, capture_output=True, text=True).stdout == "here\n"
    assert said == ["downloading Terraform 9.9.9"]


def test_a_wrong_checksum_leaves_nothing(
    tmp_path: Path, served: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned(monkeypatch, Release(version="9.9.9", url=served.url, sha256="0" * 64))
    with pytest.raises(HpcctlError, match="is not Terraform 9"):
        terraform.install_terraform(tmp_path / "home", say=print)
    assert not (tmp_path / "home").exists()


def test_without_a_network_the_hint_names_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned(monkeypatch, Release(version="9.9.9", url="http://127.0.0.1:1/t.zip", sha256="0"))
    with pytest.raises(HpcctlError) as caught:
        terraform.install_terraform(tmp_path, say=print)
    assert "http://127.0.0.1:1/t.zip" in caught.value.message
    assert "1.7 or newer" in caught.value.hint
    assert str(tmp_path / "bin" / "terraform") in caught.value.hint


def test_a_platform_without_a_pin_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pinned(monkeypatch, None)
    with pytest.raises(HpcctlError, match="no Terraform is pinned"):
        terraform.install_terraform(tmp_path, say=print)


@pytest.mark.parametrize("platform", ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"])
def test_a_terraform_is_pinned_for_every_platform(platform: str) -> None:
    release = toolchain.release(platform)
    assert release
    assert release.url.endswith(f"/terraform_{release.version}_{platform}.zip")
    assert len(release.sha256) == 64
    assert toolchain.release("plan9_mips") is None


def test_what_is_not_on_path_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        packages,
        "needs",
        lambda *, sandbox: (Need(program="sh", package="dash"), Need(program="no-such", package="x")),
    )
    assert packages.missing(sandbox=True) == (Need(program="no-such", package="x"),)


def test_the_sandbox_needs_what_its_machines_ask_for() -> None:
    host = pytest.importorskip("hpcctl.sandbox.machines.host")
    listed = {need.program: need.package for need in toolchain.needs(sandbox=True)}
    assert host._PACKAGES.items() <= listed.items()


@pytest.mark.parametrize(
    ("uid", "programs", "first"),
    [(0, {"apt-get"}, "apt-get"), (1000, {"apt-get", "sudo"}, "sudo")],
)
def test_packages_are_installed_as_root_or_with_sudo(
    monkeypatch: pytest.MonkeyPatch, uid: int, programs: set[str], first: str
) -> None:
    monkeypatch.setattr(packages.os, "geteuid", lambda: uid)
    monkeypatch.setattr(packages.shutil, "which", lambda name: name if name in programs else None)
    update, install = packages.install_command(["vde2", "socat"])
    assert (update[0], install[0]) == (first, first if uid else "env")
    assert install[-2:] == ("vde2", "socat")
    assert "--no-install-recommends" in install


@pytest.mark.parametrize(
    ("uid", "programs", "said"),
    [(1000, {"apt-get"}, "not root"), (0, set(), "neither Debian nor Ubuntu")],
)
def test_where_we_cannot_install_the_packages_are_named(
    monkeypatch: pytest.MonkeyPatch, uid: int, programs: set[str], said: str
) -> None:
    monkeypatch.setattr(packages.os, "geteuid", lambda: uid)
    monkeypatch.setattr(packages.shutil, "which", lambda name: name if name in programs else None)
    with pytest.raises(HpcctlError) as caught:
        packages.install_command(["vde2", "socat"])
    assert said in caught.value.message
    assert "vde2 socat" in caught.value.hint


def test_a_failed_installation_shows_the_last_lines() -> None:
    with pytest.raises(HpcctlError, match="no such package"):
        packages.install([("sh", "-c", "echo no such package; exit 100")], say=lambda _: None)


def test_a_second_run_finds_nothing_to_do(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho \'{"terraform_version": "1.11.4"}\'\n')
    program.chmod(0o755)
    environment = {**os.environ, "HPCCTL_HOME": str(tmp_path / "home"), "HPCCTL_TERRAFORM": str(program)}
    command = [sys.executable, "-m", "hpcctl", "setup"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "all that is needed is there\n")
    assert not (tmp_path / "home").exists()
