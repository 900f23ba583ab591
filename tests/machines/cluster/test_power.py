"""A cluster switched off and on, rebooted, and with machines that die under jobs: nothing that a user has is lost.

The tests stand in the order in which they happen to it.
"""

from __future__ import annotations

import json

import pytest

from tests.machines.cluster.conftest import NAME
from tests.machines.driver import Cluster, until

pytestmark = pytest.mark.machines

NODES = ("head", "node001", "big001")


@pytest.fixture(scope="module")
def busy(cluster: Cluster) -> Cluster:
    """With a job script that says where it runs, and ends when its file is there."""
    cluster.on(
        "head",
        "printf 'hostname >>~/ran.$JOB_NAME\nwhile [ ! -e ~/enough.$JOB_NAME ]; do sleep 1; done\n' >job.sh",
    )
    return cluster


def _submit(cluster: Cluster, name: str, options: str) -> None:
    """A job that runs until its file is there; it runs now."""
    cluster.on("head", f"qsub -N {name} -cwd -j y -o out {options} job.sh")
    until(lambda: name in _jobs(cluster, "r"), f"{name} runs")
    until(lambda: cluster.on("head", f"cat ~/ran.{name}"), f"{name} has written")


def _jobs(cluster: Cluster, state: str) -> set[str]:
    """The names of the jobs that run (r), wait (p), ..."""
    listed = cluster.on("head", f"qstat -u hpc -s {state} -r | awk '/Full jobname/ {{ print $3 }}'")
    return set(listed.split())


def _boot(cluster: Cluster, node: str) -> str:
    return cluster.on(node, "cat /proc/sys/kernel/random/boot_id")


def test_stop_puts_jobs_back_and_says_so(busy: Cluster) -> None:
    """A file, a queue that its user has changed, and three jobs: running, never again, queued."""
    busy.on(
        "head",
        "echo kept >/share/file; sudo qconf -rattr queue priority 7 all.q\n"
        "slots=$(qhost -h node001 | awk '$1 == \"node001\" { print $3 }')\n"
        "qsub -N again -cwd -j y -o out -l hostname=node001 -pe smp $slots job.sh\n"
        "qsub -N never -r n -cwd -j y -o out -l hostname=head job.sh\n"
        "qsub -N later -cwd -j y -o out -hold_jid again job.sh",
    )
    until(lambda: {"again", "never"} <= _jobs(busy, "r"), "both jobs run")
    done = busy.driver.good("stop", NAME)
    assert "put back into the queue and will start anew: 1" in done.stderr
    assert "may not start anew" in done.stderr
    assert "warning" not in done.stderr, done.stderr
    assert "4 GB gp3" in done.stdout
    assert "$0.32" in done.stdout
    assert busy.state == "stopped"
    for verb in ("ssh", "check", "restart", "configure"):
        refused = busy.driver(verb, NAME)
        assert refused.returncode == 1
        assert f"hpcctl start {NAME}" in refused.stderr


def test_start_brings_everything_back(busy: Cluster) -> None:
    """The spot node, which its stop has ended, is another machine with the same name."""
    busy.driver.good("start", NAME)
    assert busy.state == "running"
    for node in ("node001", "big001"):
        assert busy.on(node, "cat /share/file") == "kept\n"
    assert "priority 7" in " ".join(busy.on("head", "qconf -sq all.q | grep priority").split())
    until(lambda: "again" in _jobs(busy, "r"), "the job that was put back runs again")
    until(lambda: busy.on("head", "cat ~/ran.again").split() == ["node001"] * 2, "it starts anew, once")
    assert "later" in _jobs(busy, "p")
    assert "never" not in _jobs(busy, "rp")
    again = busy.driver("start", NAME)
    assert (again.returncode, again.stdout) == (0, f"{NAME} is running already\n")
    busy.on("head", "touch ~/enough.again ~/enough.later")
    until(lambda: not _jobs(busy, "rp"), "all jobs have ended")


def test_configure_says_what_it_changed(busy: Cluster) -> None:
    busy.on("node001", "sudo umount -l /permanent")
    done = busy.driver.good("configure", NAME, "--json")
    assert json.loads(done.stdout)["changes"] == [{"host": "node001", "step": "permanent"}]


def test_restart_of_a_node_reboots_that_node_alone(busy: Cluster) -> None:
    before = {node: _boot(busy, node) for node in NODES}
    _submit(busy, "moved", "-l hostname=node001")
    done = busy.driver.good("restart", NAME, "node001", "--no-configure")
    assert "start anew: 1" in done.stderr
    after = {node: _boot(busy, node) for node in NODES}
    assert [node for node in NODES if after[node] != before[node]] == ["node001"]
    until(lambda: "moved" in _jobs(busy, "r"), "its job runs again, though nothing was configured")
    until(lambda: busy.on("head", "cat ~/ran.moved").split() == ["node001"] * 2, "it starts anew, once")
    wrong = busy.driver("restart", NAME, "node02")
    assert wrong.returncode == 2
    assert "node001" in wrong.stderr
    busy.on("head", "touch ~/enough.moved")


@pytest.mark.fault(
    "the head reboots", "jobs run", "it comes back by itself, the jobs on the nodes go on, check passes"
)
def test_the_head_reboots_while_jobs_run(busy: Cluster) -> None:
    before = _boot(busy, "head")
    _submit(busy, "staying", "-l hostname=node001")
    busy.driver.ssh(f"{NAME}-head", "sudo systemctl --no-block reboot")
    until(lambda: _boot(busy, "head") != before, "the head is back")
    until(lambda: "staying" in _jobs(busy, "r"), "the job still runs")
    assert busy.on("head", "cat ~/ran.staying").split() == ["node001"], "it was not started anew"
    busy.on("head", "touch ~/enough.staying")
    until(lambda: not _jobs(busy, "rp"), "it ends")
    busy.driver.good("check", NAME)


@pytest.mark.fault(
    "a compute node dies", "a job runs on it", "it is named, the job starts anew, start brings it back"
)
def test_a_compute_node_dies_under_a_job(busy: Cluster) -> None:
    busy.on(
        "head",
        "sudo qconf -sconf global | sed -E 's/^(max_unheard|reschedule_unknown) .*/\\1 00:00:50/' >global; "
        "sudo qconf -Mconf global",
    )
    _submit(busy, "dying", "-soft -l hostname=node001")
    assert busy.on("head", "cat ~/ran.dying").split() == ["node001"]
    busy.driver.sandbox.kill(busy.hosts("instance_id")["node001"])
    assert busy.state == "2 of 3 running"
    assert busy.hosts("state") == {"head": "running", "node001": "stopped", "big001": "running"}
    checked = busy.driver("check", NAME)
    assert checked.returncode == 4
    assert "node001" in checked.stderr
    until(lambda: busy.on("head", "tail -n 1 ~/ran.dying").strip() in ("head", "big001"), "it starts anew")
    busy.on("head", "touch ~/enough.dying")
    busy.driver.good("start", NAME)
    assert busy.state == "running"
