"""The first boot script, run for real on a folder that stands for the machine."""

import base64
import gzip
import subprocess
from pathlib import Path

import pytest

from hpcctl import render
from hpcctl.render import render_user_data
from tests.unit.terraform_requests import AWS, PUBLIC_KEY, cluster_request

FAKES = ("groupadd", "useradd", "hostname", "systemctl")
INSTALL = 'echo installed >>"$MACHINE/installed"\n'


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """An empty machine: the folders of a stock image, and commands that note how they were called."""
    for folder in ("etc/ssh", "etc/sudoers.d", "etc/cloud/cloud.cfg.d", "var/log", "run", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/hosts").write_text("127.0.0.1 localhost\n")
    for key in ("rsa", "ecdsa", "ed25519"):
        (tmp_path / f"etc/ssh/ssh_host_{key}_key").write_text("an old key\n")
    for name in FAKES:
        _command(tmp_path, name, f'echo {name} "$@" >>{tmp_path}/calls')
    _command(tmp_path, "id", f"grep -q ^useradd {tmp_path}/calls")
    (tmp_path / "calls").write_text("")
    return tmp_path


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> str:
    """What the head would run, with a small install script."""
    packed = base64.encodebytes(gzip.compress(INSTALL.encode())).decode().strip()
    monkeypatch.setattr(render, "_packed_install_script", lambda: packed)
    request = cluster_request(AWS, user="ada", public_key=f"{PUBLIC_KEY} own")
    return render_user_data(request, request.nodes[0])


def _command(machine: Path, name: str, body: str) -> None:
    path = machine / "bin" / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def _boot(machine: Path, script: str) -> None:
    for folder in ("etc", "run", "var", "usr/lib"):
        script = script.replace(f"/{folder}/", f"{machine}/{folder}/")
    subprocess.run(
        ["/bin/bash", "-s"],
        input=script,
        text=True,
        check=True,
        env={"PATH": f"{machine}/bin:/usr/bin:/bin", "MACHINE": str(machine)},
    )


def _calls(machine: Path) -> list[str]:
    return (machine / "calls").read_text().splitlines()


def test_first_boot_when_run_then_the_host_key_is_ours_and_the_only_one(machine: Path, script: str) -> None:
    _boot(machine, script)
    keys = {path.name: path.read_text() for path in (machine / "etc/ssh").glob("ssh_host_*")}
    assert keys == {
        "ssh_host_ed25519_key": "the private key of head\n",
        "ssh_host_ed25519_key.pub": f"{PUBLIC_KEY} head\n",
    }
    assert (machine / "etc/ssh/ssh_host_ed25519_key").stat().st_mode & 0o777 == 0o600


def test_first_boot_when_run_then_the_login_user_has_keys_outside_the_home(
    machine: Path, script: str
) -> None:
    _boot(machine, script)
    keys = (machine / "etc/hpcctl/authorized_keys/ada").read_text().splitlines()
    assert keys == [f"{PUBLIC_KEY} {comment}" for comment in ("login", "own", "internal")]
    assert "groupadd -g 1500 ada" in _calls(machine)
    assert "useradd -m -u 1500 -g 1500 -s /bin/bash -p * ada" in _calls(machine)
    sudoers = machine / "etc/sudoers.d/90-hpcctl"
    assert sudoers.read_text() == "ada ALL=(ALL) NOPASSWD:ALL\n"
    assert sudoers.stat().st_mode & 0o777 == 0o440


def test_first_boot_when_run_then_the_name_stays_across_boots(machine: Path, script: str) -> None:
    _boot(machine, script)
    assert (machine / "etc/hostname").read_text() == "head\n"
    assert "10.71.0.10 head" in (machine / "etc/hosts").read_text().splitlines()
    cloud = (machine / "etc/cloud/cloud.cfg.d/99-hpcctl.cfg").read_text()
    assert "preserve_hostname: true" in cloud
    assert "manage_etc_hosts: false" in cloud


@pytest.mark.parametrize("stamped", [False, True])
def test_first_boot_when_the_image_has_the_packages_then_it_installs_nothing(
    machine: Path, script: str, stamped: bool
) -> None:
    if stamped:
        (machine / "etc/hpcctl").mkdir()
        (machine / "etc/hpcctl/image-version").write_text("1\n")
    _boot(machine, script)
    assert (machine / "installed").exists() is not stamped
    assert (machine / "etc/hpcctl/ready").exists()


def test_first_boot_when_the_installation_fails_then_there_is_no_ready_mark(
    machine: Path, script: str
) -> None:
    _command(machine, "gunzip", "cat >/dev/null; echo exit 3")
    with pytest.raises(subprocess.CalledProcessError):
        _boot(machine, script)
    assert not (machine / "etc/hpcctl/ready").exists()


@pytest.mark.parametrize(("running", "reloads"), [(False, 0), (True, 1)])
def test_first_boot_when_sshd_runs_then_it_reads_the_new_key(
    machine: Path, script: str, running: bool, reloads: int
) -> None:
    if running:
        (machine / "run/sshd.pid").write_text("1\n")
    _boot(machine, script)
    assert len([call for call in _calls(machine) if call.startswith("systemctl")]) == reloads


def test_first_boot_when_run_twice_then_nothing_changes(machine: Path, script: str) -> None:
    _boot(machine, script)
    before = {path: path.read_bytes() for path in (machine / "etc").rglob("*") if path.is_file()}
    users = [call for call in _calls(machine) if "add" in call]
    _boot(machine, script)
    assert {path: path.read_bytes() for path in (machine / "etc").rglob("*") if path.is_file()} == before
    assert [call for call in _calls(machine) if "add" in call] == users
