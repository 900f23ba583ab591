"""A cluster switched off and on, rebooted, and with machines that die under jobs: nothing that a user has is lost.

One cluster of two nodes serves all tests of this module, which run in the order in which they stand here.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from shlex import quote
from typing import Any

import pytest

from hpcctl import sandbox
from hpcctl.sandbox.client import SandboxClient
from hpcctl.workspace import Workspace
from tests.machines.home import home_with_images
from tests.machines.test_cluster import Driver

pytestmark = pytest.mark.machines

NAME = "e2e"
SECONDS = 300


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    """A cluster with a file, a queue that its user has changed, and three jobs: running, never again, queued."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "user" / ".ssh").mkdir(parents=True, mode=0o700)
    driver = Driver(home=home_with_images(folder), user=folder / "user", sockets=folder)
    made = driver("create", "--profile", "sandbox", NAME, "2", "c5.xlarge", "4")
    assert made.returncode == 0, made.stderr
    _on(
        driver,
        "echo kept >/share/file; sudo qconf -rattr queue priority 7 all.q\n"
        "printf 'hostname >>~/ran.$JOB_NAME\\nwhile [ ! -e ~/enough.$JOB_NAME ]; do sleep 1; done\\n' >job.sh\n"
        "slots=$(qhost -h node001 | awk '$1 == \"node001\" { print $3 }')\n"
        "qsub -N again -cwd -j y -o out -l hostname=node001 -pe smp $slots job.sh\n"
        "qsub -N never -r n -cwd -j y -o out -l hostname=head job.sh\n"
        "qsub -N later -cwd -j y -o out -hold_jid again job.sh",
    )
    _until(lambda: {"again", "never"} <= _jobs(driver, "r"), "both jobs run")
    yield driver
    down = driver("sandbox", "down")
    assert down.returncode == 0, down.stderr


def _on(driver: Driver, script: str, node: str = "head") -> str:
    """A script on a node, by the ssh entries that hpcctl has published."""
    done = driver.ssh(f"{NAME}-{node}", f"bash -euo pipefail -c {quote(script)}")
    assert done.returncode == 0, f"{node}: {script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _submit(driver: Driver, name: str, options: str) -> None:
    """A job that runs until its file is there; it runs now."""
    _on(driver, f"qsub -N {name} -cwd -j y -o out {options} job.sh")
    _until(lambda: name in _jobs(driver, "r"), f"{name} runs")
    _until(lambda: _on(driver, f"cat ~/ran.{name}"), f"{name} has written")


def _jobs(driver: Driver, state: str) -> set[str]:
    """The names of the jobs that run (r), wait (p), ..."""
    listed = _on(driver, f"qstat -u hpc -s {state} -r | awk '/Full jobname/ {{ print $3 }}'")
    return set(listed.split())


def _until(condition: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := _tried(condition)):
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(1)
    return value


def _tried(condition: Callable[[], Any]) -> Any:
    """A condition that cannot be asked now, because the head reboots, does not hold yet."""
    try:
        return condition()
    except (AssertionError, subprocess.TimeoutExpired):
        return None


def _boot(driver: Driver, node: str) -> str:
    return _on(driver, "cat /proc/sys/kernel/random/boot_id", node)


def _state(driver: Driver) -> str:
    return str(json.loads(driver("show", NAME, "--json").stdout)["state"])


def _instance(driver: Driver, node: str) -> str:
    inventory = Workspace(home=driver.home, name=NAME).load().inventory
    assert inventory
    return next(host.instance_id for host in inventory.hosts if host.name == node)


def test_stop_puts_jobs_back_and_says_so(cluster: Driver) -> None:
    done = cluster("stop", NAME)
    assert done.returncode == 0, done.stderr
    assert "put back into the queue and will start anew: 1" in done.stderr
    assert "may not start anew" in done.stderr
    assert "warning" not in done.stderr, done.stderr
    assert "4 GB gp3" in done.stdout
    assert "$0.32" in done.stdout
    assert _state(cluster) == "stopped"
    for verb in ("ssh", "check", "restart", "configure"):
        refused = cluster(verb, NAME)
        assert refused.returncode == 1
        assert f"hpcctl start {NAME}" in refused.stderr


def test_start_brings_everything_back(cluster: Driver) -> None:
    done = cluster("start", NAME)
    assert done.returncode == 0, done.stderr
    assert _state(cluster) == "running"
    assert _on(cluster, "cat /share/file", "node001") == "kept\n"
    assert "priority 7" in " ".join(_on(cluster, "qconf -sq all.q | grep priority").split())
    _until(lambda: "again" in _jobs(cluster, "r"), "the job that was put back runs again")
    _until(lambda: _on(cluster, "cat ~/ran.again").split() == ["node001", "node001"], "it starts anew, once")
    assert "later" in _jobs(cluster, "p")
    assert "never" not in _jobs(cluster, "rp")
    again = cluster("start", NAME)
    assert (again.returncode, again.stdout) == (0, f"{NAME} is running already\n")
    _on(cluster, "touch ~/enough.again ~/enough.later")
    _until(lambda: not _jobs(cluster, "rp"), "all jobs have ended")


def test_configure_says_what_it_changed(cluster: Driver) -> None:
    _on(cluster, "sudo umount -l /permanent", "node001")
    done = cluster("configure", NAME, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["changes"] == [{"host": "node001", "step": "permanent"}]


def test_restart_of_a_node_reboots_that_node_alone(cluster: Driver) -> None:
    before = {node: _boot(cluster, node) for node in ("head", "node001")}
    _submit(cluster, "moved", "-l hostname=node001")
    done = cluster("restart", NAME, "node001", "--no-configure")
    assert done.returncode == 0, done.stderr
    assert "start anew: 1" in done.stderr
    assert _boot(cluster, "head") == before["head"]
    assert _boot(cluster, "node001") != before["node001"]
    _until(lambda: "moved" in _jobs(cluster, "r"), "its job runs again, though nothing was configured")
    _until(lambda: _on(cluster, "cat ~/ran.moved").split() == ["node001", "node001"], "it starts anew, once")
    wrong = cluster("restart", NAME, "node02")
    assert wrong.returncode == 2
    assert "node001" in wrong.stderr


@pytest.mark.fault(
    "the head reboots", "jobs run", "it comes back by itself, the jobs on the nodes go on, check passes"
)
def test_the_head_reboots_while_jobs_run(cluster: Driver) -> None:
    before = _boot(cluster, "head")
    cluster.ssh(f"{NAME}-head", "sudo systemctl --no-block reboot")
    _until(lambda: _boot(cluster, "head") != before, "the head is back")
    _until(lambda: "moved" in _jobs(cluster, "r"), "the job still runs")
    assert _on(cluster, "cat ~/ran.moved").split() == ["node001", "node001"], "it was not started anew"
    _on(cluster, "touch ~/enough.moved")
    _until(lambda: not _jobs(cluster, "rp"), "it ends")
    checked = cluster("check", NAME)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.fault(
    "a compute node dies", "a job runs on it", "it is named, the job starts anew, start brings it back"
)
def test_a_compute_node_dies_under_a_job(cluster: Driver) -> None:
    _on(
        cluster,
        "sudo qconf -sconf global | sed -E 's/^(max_unheard|reschedule_unknown) .*/\\1 00:00:50/' >global; "
        "sudo qconf -Mconf global",
    )
    _submit(cluster, "dying", "-soft -l hostname=node001")
    assert _on(cluster, "cat ~/ran.dying").split() == ["node001"]
    record = sandbox.running(cluster.home)
    assert record
    SandboxClient(url=record.url).kill(_instance(cluster, "node001"))
    assert _state(cluster) == "1 of 2 running"
    shown = {
        host["name"]: host["state"] for host in json.loads(cluster("show", NAME, "--json").stdout)["hosts"]
    }
    assert shown == {"head": "running", "node001": "stopped"}
    checked = cluster("check", NAME)
    assert checked.returncode == 4
    assert "node001" in checked.stderr
    _until(lambda: _on(cluster, "tail -n 1 ~/ran.dying") == "head\n", "the job starts anew on the head")
    _on(cluster, "touch ~/enough.dying")
    back = cluster("start", NAME)
    assert back.returncode == 0, back.stderr
    assert _state(cluster) == "running"
