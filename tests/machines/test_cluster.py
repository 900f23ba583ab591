"""A whole cluster, as its user meets it: made by the command line, looked at from inside its machines, taken away.

One cluster of two nodes serves all tests of this module, which run in the order in which they stand here.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

import pytest

from tests.environments import own_environment
from tests.machines.home import Silent, home_with_images

pytestmark = pytest.mark.machines

NODES = ("head", "node001")
NAME = "e2e"
SECONDS = 900
OWN_CONFIG = b"# mine\nHost other\n  Port 2200"


@dataclass(frozen=True, kw_only=True)
class Driver:
    """hpcctl with a home and a user's folder of its own."""

    home: Path
    user: Path
    sockets: Path

    def environment(self) -> dict[str, str]:
        return own_environment(self.home, self.user)

    def __call__(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hpcctl", *words],
            env=self.environment(),
            input=stdin,
            text=True,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )

    def on(self, node: str, script: str) -> subprocess.CompletedProcess[str]:
        """A script on a node, as the login user, over one connection that all of a test's scripts share."""
        done = self.ssh(*self.shared(), f"{NAME}-{node}", f"bash -euo pipefail -c {quote(script)}")
        assert done.returncode == 0, f"{node}: {script}\n{done.stdout}\n{done.stderr}"
        return done

    def shared(self) -> tuple[str, ...]:
        """Under emulation a handshake takes a second, and there are dozens of scripts."""
        return ("-o", "ControlMaster=auto", "-o", f"ControlPath={self.sockets}/%C", "-o", "ControlPersist=60")

    def ssh(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The system's ssh with the user's configuration, as it works from any shell."""
        return subprocess.run(
            ["ssh", "-F", str(self.user / ".ssh" / "config"), "-o", "BatchMode=yes", *words],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            text=True,
            capture_output=True,
            timeout=120,
            check=False,
        )


@pytest.fixture(scope="module", params=["restored", "cold"])
def driver(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    """A sandbox of this module's own, once from the saved boot and once with the distribution's cloud-init.

    Images are those of the user's own home: making one takes minutes.
    """
    folder = tmp_path_factory.mktemp("home")
    home = home_with_images(folder)
    (folder / "user" / ".ssh").mkdir(parents=True, mode=0o700)
    (folder / "user" / ".ssh" / "config").write_bytes(OWN_CONFIG)
    with tempfile.TemporaryDirectory(prefix="hpcctl-") as sockets:
        made = Driver(home=home, user=folder / "user", sockets=Path(sockets))
        if request.param == "cold":
            up = made("sandbox", "up", "--cold-boot")
            assert up.returncode == 0, up.stderr
        yield made
        down = made("sandbox", "down")
        assert down.returncode == 0, down.stderr


@pytest.fixture(scope="module")
def cluster(driver: Driver) -> Driver:
    """The cluster, up and checked by `create` itself."""
    done = driver(
        "create", "--profile", "sandbox", "--timings", "--tag", "lab=blue", NAME, "2", "c5.xlarge", "4"
    )
    assert done.returncode == 0, done.stderr
    return driver


@pytest.mark.parametrize("node", NODES)
def test_names_resolve_everywhere(cluster: Driver, node: str) -> None:
    for name in (*NODES, *(f"{NAME}-{node}" for node in NODES)):
        cluster.on(node, f"getent hosts {name}")
    assert cluster.on(node, "hostname").stdout.strip() == node


def test_the_login_user_is_the_same_everywhere(cluster: Driver) -> None:
    assert len({cluster.on(node, "id").stdout for node in NODES}) == 1


def test_nodes_reach_each_other_without_a_question(cluster: Driver) -> None:
    for source in NODES:
        for target in (*NODES, *(f"{NAME}-{node}" for node in NODES)):
            seen = cluster.on(source, f"ssh -o BatchMode=yes -o StrictHostKeyChecking=yes {target} hostname")
            assert seen.stdout.strip() == target.removeprefix(f"{NAME}-")
            assert "Warning" not in seen.stderr


@pytest.mark.parametrize("node", NODES)
def test_file_systems_are_mounted_by_fstab(cluster: Driver, node: str) -> None:
    for point in ("/share", "/home", "/permanent"):
        cluster.on(node, f"findmnt --fstab {point} && mountpoint -q {point}")
    kind = cluster.on(node, "findmnt -no FSTYPE /share").stdout.strip()
    assert kind == ("ext4" if node == "head" else "nfs4")
    cluster.on(node, "touch /scratch/mine && rm /scratch/mine")


def test_homes_are_on_share(cluster: Driver) -> None:
    cluster.on("node001", "echo hello >~/from-node001")
    assert cluster.on("head", "cat ~/from-node001 /share/home/hpc/from-node001").stdout == "hello\nhello\n"


def test_share_can_be_written_from_every_node(cluster: Driver) -> None:
    for node in NODES:
        cluster.on(node, f"echo {node} >/share/from-{node}")
    for node in NODES:
        assert cluster.on(node, "cat /share/from-head /share/from-node001").stdout == "head\nnode001\n"


def test_permanent_is_one_place(cluster: Driver) -> None:
    cluster.on("node001", "head -c 300000 /dev/urandom >/permanent/blob && sha256sum </permanent/blob >~/sum")
    cluster.on(
        "head", "until [ -s /permanent/blob ]; do sleep 1; done; sha256sum </permanent/blob | cmp - ~/sum"
    )
    cluster.on("head", "rm /permanent/blob")


def test_slots_are_what_the_nodes_report(cluster: Driver) -> None:
    processors = {node: cluster.on(node, "nproc").stdout.strip() for node in NODES}
    queue = cluster.on("head", "SGE_SINGLE_LINE=1 qconf -sq all.q").stdout
    for node in NODES:
        assert f"[{node}={processors[node]}]" in queue


def test_parallel_environments(cluster: Driver) -> None:
    orte = cluster.on("head", "qconf -sp orte").stdout
    assert re.search(r"allocation_rule +\$fill_up", orte)
    assert re.search(r"control_slaves +TRUE", orte)
    assert re.search(r"allocation_rule +\$pe_slots", cluster.on("head", "qconf -sp smp").stdout)


def test_an_mpi_job_runs_on_all_slots_of_all_nodes(cluster: Driver) -> None:
    cluster.on(
        "head",
        "slots=$(qhost | awk '$3 ~ /^[0-9]+$/ { n += $3 } END { print n }')\n"
        "echo 'mpirun /usr/local/bin/hpcctl-mpi-hello' >job.sh\n"
        "qsub -sync y -cwd -j y -o out -S /bin/bash -pe orte $slots job.sh",
    )
    lines = cluster.on("head", "cat out").stdout.splitlines()
    assert {line.split()[-1] for line in lines} == set(NODES), lines


def test_a_compute_node_submits_too(cluster: Driver) -> None:
    cluster.on("node001", "qsub -sync y -b y -cwd -o /dev/null -j y true")


def test_mpirun_works_by_hostfile(cluster: Driver) -> None:
    out = cluster.on("head", "mpirun --hostfile /etc/hpcctl/hostfile -npernode 1 hpcctl-mpi-hello").stdout
    assert {line.split()[-1] for line in out.splitlines()} == set(NODES)


def test_no_passwords_no_root_and_pinned_keys(cluster: Driver) -> None:
    for node in NODES:
        settings = cluster.on(node, "sudo sshd -T").stdout
        assert "passwordauthentication no" in settings
        assert "permitrootlogin no" in settings
    fingerprints = {cluster.on(node, "cat /etc/ssh/ssh_host_ed25519_key.pub").stdout for node in NODES}
    assert len(fingerprints) == len(NODES)
    assert len({cluster.on(node, "cat /etc/machine-id").stdout for node in NODES}) == len(NODES)


def test_metadata_needs_a_token(cluster: Driver) -> None:
    code = "curl -s -o /dev/null -w '%{http_code}' http://169.254.169.254/latest/meta-data/instance-id"
    assert cluster.on("head", code).stdout == "401"


def test_ssh_and_scp_work_from_any_shell(cluster: Driver, tmp_path: Path) -> None:
    assert cluster.ssh(NAME, "hostname").stdout == "head\n"
    assert cluster.ssh(f"{NAME}-node001", "hostname").stdout == "node001\n"
    config = (cluster.user / ".ssh" / "config").read_bytes()
    assert config.endswith(OWN_CONFIG)
    assert config.startswith(b"Include ")
    (tmp_path / "x").write_text("by scp")
    copied = subprocess.run(
        ["scp", "-q", "-F", str(cluster.user / ".ssh" / "config"), str(tmp_path / "x"), f"{NAME}:"],
        env=cluster.environment(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert copied.returncode == 0, copied.stderr
    assert cluster.on("node001", "cat ~/x").stdout == "by scp"


def test_the_exit_code_of_a_command_is_passed_on(cluster: Driver) -> None:
    assert cluster("ssh", NAME, "--", "exit 7").returncode == 7


def test_show_and_list_tell_what_is(cluster: Driver) -> None:
    shown = json.loads(cluster("show", NAME, "--json").stdout)
    assert [host["state"] for host in shown["hosts"]] == ["running", "running"]
    listed = json.loads(cluster("list", "--json").stdout)
    assert [(entry["name"], entry["state"]) for entry in listed] == [(NAME, "running")]


def test_a_second_run_of_the_steps_changes_nothing(cluster: Driver) -> None:
    from hpcctl.lifecycle.configuring import configure_cluster
    from hpcctl.workspace import Workspace

    workspace = Workspace(home=cluster.home, name=NAME)
    outcome = configure_cluster(workspace, workspace.load(), Silent())
    assert outcome.failures == ()
    assert outcome.changed == 0
    assert outcome.unchanged > 20


def test_a_name_that_is_taken_is_refused(cluster: Driver) -> None:
    again = cluster("create", "--profile", "sandbox", NAME, "2", "c5.xlarge", "4")
    assert again.returncode in {1, 2}
    assert NAME in again.stderr
    assert "Traceback" not in again.stderr


def test_check_names_the_node_that_fails(cluster: Driver) -> None:
    cluster.on("node001", "sudo systemctl stop gridengine-exec && sudo umount -l /permanent")
    try:
        checked = cluster("check", NAME, "--json")
        assert checked.returncode == 4
        failed = [result for result in json.loads(checked.stdout) if not result["passed"]]
        assert "node001" in {result["host"] for result in failed}
        assert all(result["hint"] for result in failed)
    finally:
        cluster.on("node001", "sudo systemctl start gridengine-exec && sudo mount /permanent")
    healed = cluster("check", NAME)
    assert healed.returncode == 0, healed.stderr


def test_nothing_secret_is_readable_by_others(cluster: Driver) -> None:
    for path in (cluster.home / "clusters").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0 or "modules" in path.parts, path
    for log in cluster.home.rglob("*.log"):
        assert "PRIVATE KEY" not in log.read_text(errors="replace"), log


def test_the_paper_on_python_holds(cluster: Driver, tmp_path: Path) -> None:
    """Its first example, on the cluster that is there: all but what makes, stops and ends one."""
    paper = Path(__file__).parents[2] / "docs" / "python.md"
    found = re.search(r"```python\n(.*?)```", paper.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    kept = [line for line in found[1].splitlines() if not re.match(r"demo\.(?:stop|start|terminate)\(", line)]
    script = re.sub(r"Cluster\.create\(.*\)", f'Cluster("{NAME}")', "\n".join(kept))
    tell = "print(demo.state, result.code, *(host.name for host in demo.hosts), result.stdout.split()[0])"
    (tmp_path / "job.sh").write_text("#!/bin/bash\nhostname >result.txt\n")
    done = subprocess.run(
        [sys.executable, "-c", f"{script}\n{tell}\nprint(demo.run('hostname', node='node001').stdout)"],
        env={**cluster.environment(), "PYTHONPATH": str(paper.parents[1])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["running", "0", "head", "node001", "head", "node001"]
    assert (tmp_path / "result.txt").read_text().strip() in NODES


def test_terminate_leaves_nothing_but_the_bucket(cluster: Driver) -> None:
    done = cluster("terminate", NAME, "--yes")
    assert done.returncode == 0, done.stderr
    assert json.loads(cluster("list", "--json").stdout) == []
    assert not (cluster.home / "clusters" / NAME).exists()
    status = json.loads(cluster("sandbox", "status", "--json").stdout)
    assert set(status["instances"]) <= {"terminated"}
    assert not list((cluster.home / "sandbox" / "machines").glob("i-*"))
    again = cluster("terminate", NAME, "--yes")
    assert again.returncode == 1
    assert "Traceback" not in again.stderr


def test_down_leaves_no_process(cluster: Driver) -> None:
    assert cluster("sandbox", "down").returncode == 0
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if readable(path)]
    assert not [command for command in commands if str(cluster.home).encode() in command]


def readable(path: Path) -> bool:
    try:
        path.read_bytes()
    except OSError:
        return False
    return True
