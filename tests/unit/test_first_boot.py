"""The first boot script, run for real on a folder that stands for the machine."""

import base64
import gzip
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl import render
from hpcctl.render import render_user_data
from hpcctl.spec.model import Role, Script
from hpcctl.steps import base as steps
from hpcctl.steps.model import On, Stage
from hpcctl.steps.script import script_for
from hpcctl.steps.view import ClusterView
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


def _with_scripts(*scripts: tuple[str, str]) -> str:
    request = cluster_request(AWS, user="ada", public_key=f"{PUBLIC_KEY} own")
    head = replace(request.spec.head, scripts=tuple(Script(name=name, text=text) for name, text in scripts))
    return render_user_data(replace(request, spec=replace(request.spec, head=head)), request.nodes[0])


def _ended(machine: Path, script: str) -> int:
    try:
        _boot(machine, script)
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


@pytest.mark.usefixtures("script")
def test_first_boot_when_there_are_scripts_then_they_run_once_and_in_order(machine: Path) -> None:
    script = _with_scripts(
        ("b.sh", 'echo "first $0" | sed "s/.*01-/01-/" >>"$MACHINE/ran"\n'),
        (
            "lib/a.py",
            "#!/usr/bin/env python3\nimport os\nprint('second', file=open(os.environ['MACHINE'] + '/ran', 'a'))\n",
        ),
    )
    assert _ended(machine, script) == 0
    assert _ended(machine, script) == 0
    assert (machine / "ran").read_text() == "01-b.sh\nsecond\n"
    assert (machine / "etc/hpcctl/scripts/done").exists()


@pytest.mark.usefixtures("script")
def test_first_boot_when_a_script_fails_then_it_is_named_and_can_be_mended(machine: Path) -> None:
    script = _with_scripts(
        ("tune.sh", "echo no such setting\nexit 3\n"), ("next.sh", 'touch "$MACHINE/next"\n')
    )
    assert _ended(machine, script) != 0
    folder = machine / "etc/hpcctl/scripts"
    assert (folder / "failed").read_text() == "tune.sh ended with exit code 3\n"
    assert "no such setting" in (machine / "var/log/hpcctl-scripts.log").read_text()
    assert (machine / "etc/hpcctl/ready").exists()  # the machine is good: it must not be replaced
    assert not (machine / "next").exists()
    (folder / "01-tune.sh").write_text("true\n")
    program = machine / "usr/lib/hpcctl/scripts"
    subprocess.run([program], check=True, env={"PATH": "/usr/bin:/bin", "MACHINE": str(machine)})
    assert (machine / "next").exists()
    assert not (folder / "failed").exists()
    assert (folder / "done").exists()


def _waits(machine: Path, view: ClusterView) -> subprocess.CompletedProcess[str]:
    (step,) = steps.scripts(replace(view, scripts=True, boot_seconds=1), On.HEAD)
    text = script_for(Stage(name="x", steps=(step,)), Role.HEAD)
    text = text.replace("/etc/hpcctl", f"{machine}/etc/hpcctl").replace("/var/log", f"{machine}/var/log")
    return subprocess.run(["bash", "-s"], input=text, text=True, capture_output=True, check=False)


def test_the_step_that_waits_for_scripts_says_which_one_fails_or_hangs(
    machine: Path, view: ClusterView
) -> None:
    assert "\tunchanged\t" in _waits(machine, view).stdout  # a group without scripts
    folder = machine / "etc/hpcctl/scripts"
    folder.mkdir(parents=True)
    (folder / "running").write_text("slow.sh\n")
    (machine / "var/log/hpcctl-scripts.log").write_text("compiling\n")
    assert "compiling\nslow.sh has not ended after 1 s" in _words(_waits(machine, view))
    (folder / "failed").write_text("bad.sh ended with exit code 1\n")
    assert "bad.sh ended with exit code 1" in _words(_waits(machine, view))
    (folder / "done").touch()
    assert "\tunchanged\t" in _waits(machine, view).stdout


def _words(done: subprocess.CompletedProcess[str]) -> str:
    fields = done.stdout.strip().split("\t")
    assert fields[2] == "failed"
    return base64.b64decode(fields[-1]).decode()


@pytest.mark.usefixtures("script")
def test_first_boot_when_the_shell_is_missing_then_its_package_is_asked_for(machine: Path) -> None:
    _command(machine, "apt-get", f'echo apt-get "$@" >>{machine}/calls; exit 1')
    request = cluster_request(AWS, user="ada", public_key=f"{PUBLIC_KEY} own")
    spec = replace(request.spec, shell="/usr/bin/no-such-shell")
    assert _ended(machine, render_user_data(replace(request, spec=spec), request.nodes[0])) == 0
    assert any("apt-get" in call and "update" in call for call in _calls(machine))


def _private(monkeypatch: pytest.MonkeyPatch, *, nat: bool = False) -> tuple[str, str]:
    """What the head and a compute node without a public address would run."""
    packed = base64.encodebytes(gzip.compress(INSTALL.encode())).decode().strip()
    monkeypatch.setattr(render, "_packed_install_script", lambda: packed)
    request = cluster_request(AWS)
    compute = tuple(replace(group, public_address=False) for group in request.spec.compute)
    request = replace(
        request, spec=replace(request.spec, compute=compute), base=replace(request.base, nat=nat)
    )
    return render_user_data(request, request.nodes[0]), render_user_data(request, request.nodes[1])


def test_a_node_without_a_way_out_has_its_packages_through_the_head(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, node = _private(monkeypatch)
    (machine / "etc/apt/apt.conf.d").mkdir(parents=True)
    _command(machine, "seq", "echo 1")
    _command(machine, "sleep", "exit 0")
    _boot(machine, node)
    told = (machine / "etc/apt/apt.conf.d/80hpcctl-proxy").read_text()
    assert told == (
        'Acquire::http::Proxy "http://10.71.0.10:3128";\nAcquire::https::Proxy "http://10.71.0.10:3128";\n'
    )
    assert (machine / "installed").read_text() == "installed\n"


def test_the_head_serves_packages_to_its_own_network_alone(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, _ = _private(monkeypatch)
    (machine / "etc/tinyproxy").mkdir()
    _command(machine, "apt-get", f'echo apt-get "$@" >>{machine}/calls')
    _boot(machine, head)
    conf = (machine / "etc/tinyproxy/tinyproxy.conf").read_text().splitlines()
    assert {"Listen 10.71.0.10", "Port 3128", "Allow 10.71.0.0/20", "ConnectPort 443"} <= set(conf)
    assert [line.split()[-1] for line in _calls(machine) if line.startswith("apt-get")] == [
        "update",
        "tinyproxy",
    ]
    assert "systemctl --no-block restart tinyproxy" in _calls(machine)
    assert (machine / "installed").exists()


def test_a_head_that_cannot_serve_packages_boots_all_the_same(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, _ = _private(monkeypatch)
    _command(machine, "apt-get", "exit 100")
    _boot(machine, head)
    assert (machine / "etc/hpcctl/ready").exists()


def test_where_all_nodes_get_out_nothing_of_it_is_there(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = (script, *_private(monkeypatch, nat=True))
    assert not [text for text in texts if "tinyproxy" in text or "80hpcctl-proxy" in text]
