"""A whole cluster, as its user meets it: made by the command line, looked at from inside its machines."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from hpcctl import sandbox
from hpcctl.aws.session import ec2
from hpcctl.lifecycle.configuring import configure_cluster
from tests.machines.cluster.conftest import NAME, OWN_CONFIG, Made
from tests.machines.driver import Cluster
from tests.machines.home import Silent

pytestmark = pytest.mark.machines

NODES = ("head", "node001", "big001")


def test_what_it_will_be_and_cost_is_told_before(made: Made) -> None:
    for words in ("t3.medium", "spot", "8888-8890 from 203.0.113.0/24", "kept on terminate", "$"):
        assert words in made.told, made.told


@pytest.mark.parametrize("node", NODES)
def test_names_resolve_everywhere(cluster: Cluster, node: str) -> None:
    names = [*NODES, *(f"{NAME}-{node}" for node in NODES)]
    cluster.on(node, f"for name in {' '.join(names)}; do getent hosts $name; done")
    assert cluster.on(node, "hostname").strip() == node


def test_the_login_user_is_the_same_everywhere(cluster: Cluster) -> None:
    assert len({cluster.on(node, "id") for node in NODES}) == 1


@pytest.mark.parametrize("source", NODES)
def test_nodes_reach_each_other_without_a_question(cluster: Cluster, source: str) -> None:
    targets = [*NODES, *(f"{NAME}-{node}" for node in NODES)]
    ssh = "ssh -o BatchMode=yes -o StrictHostKeyChecking=yes"
    seen = cluster.on(source, f"for target in {' '.join(targets)}; do {ssh} $target hostname 2>&1; done")
    assert seen.split() == [*NODES, *NODES]  # and no warning among them


@pytest.mark.parametrize("node", NODES)
def test_file_systems_are_mounted_by_fstab(cluster: Cluster, node: str) -> None:
    points = "/share /home /permanent /data"
    cluster.on(node, f"for point in {points}; do findmnt --fstab $point; mountpoint -q $point; done")
    kinds = cluster.on(node, "findmnt -no FSTYPE /share; findmnt -no FSTYPE /data").split()
    assert kinds == (["ext4", "xfs"] if node == "head" else ["nfs4", "nfs4"])
    cluster.on(node, "touch /scratch/mine && rm /scratch/mine")


def test_homes_are_on_share(cluster: Cluster) -> None:
    cluster.on("node001", "echo hello >~/from-node001")
    assert cluster.on("head", "cat ~/from-node001 /share/home/hpc/from-node001") == "hello\nhello\n"


def test_share_can_be_written_from_every_node(cluster: Cluster) -> None:
    for node in NODES:
        cluster.on(node, f"echo {node} >/share/from-{node}")
    paths = " ".join(f"/share/from-{node}" for node in NODES)
    for node in NODES:
        assert cluster.on(node, f"cat {paths}").split() == list(NODES)


def test_a_further_volume_is_on_all_nodes(cluster: Cluster) -> None:
    cluster.on("head", "sudo chmod 1777 /data; echo here >/data/file")
    for node in ("node001", "big001"):
        assert cluster.on(node, "cat /data/file") == "here\n"


def test_permanent_is_one_place(cluster: Cluster) -> None:
    blob = "/permanent/blob"
    cluster.on("node001", f"head -c 300000 /dev/urandom >{blob} && sha256sum <{blob} >~/sum")
    cluster.on("head", f"until [ -s {blob} ]; do sleep 1; done; sha256sum <{blob} | cmp - ~/sum; rm {blob}")


def test_slots_are_what_the_nodes_report(cluster: Cluster) -> None:
    processors = {node: cluster.on(node, "nproc").strip() for node in NODES}
    queue = cluster.on("head", "SGE_SINGLE_LINE=1 qconf -sq all.q")
    for node in NODES:
        assert f"[{node}={processors[node]}]" in queue


def test_parallel_environments(cluster: Cluster) -> None:
    orte = cluster.on("head", "qconf -sp orte")
    assert re.search(r"allocation_rule +\$fill_up", orte)
    assert re.search(r"control_slaves +TRUE", orte)
    assert re.search(r"allocation_rule +\$pe_slots", cluster.on("head", "qconf -sp smp"))


def test_an_mpi_job_runs_on_all_slots_of_all_nodes(cluster: Cluster) -> None:
    cluster.on(
        "head",
        "slots=$(qhost | awk '$3 ~ /^[0-9]+$/ { n += $3 } END { print n }')\n"
        "echo 'mpirun /usr/local/bin/hpcctl-mpi-hello' >job.sh\n"
        "qsub -sync y -cwd -j y -o out -S /bin/bash -pe orte $slots job.sh",
    )
    lines = cluster.on("head", "cat out").splitlines()
    assert {line.split()[-1] for line in lines} == set(NODES), lines


def test_a_compute_node_submits_too(cluster: Cluster) -> None:
    cluster.on("node001", "qsub -sync y -b y -cwd -o /dev/null -j y true")


def test_every_group_is_a_host_group(cluster: Cluster) -> None:
    assert cluster.on("head", "qconf -shgrp @big | grep -c big001") == "1\n"
    job = "qsub -sync y -b y -q all.q@@big -j y -o /share/where hostname"
    assert cluster.on("head", f"{job} >/dev/null; cat /share/where").splitlines()[-1] == "big001"


def test_mpirun_works_by_hostfile(cluster: Cluster) -> None:
    out = cluster.on("head", "mpirun --hostfile /etc/hpcctl/hostfile -npernode 1 hpcctl-mpi-hello")
    assert {line.split()[-1] for line in out.splitlines()} == set(NODES)


def test_the_first_boot_ran_the_script_once_as_root(cluster: Cluster) -> None:
    for node in NODES:
        assert cluster.on(node, "cat /etc/first-boot") == "as root\n"


def test_no_passwords_no_root_and_own_identities(cluster: Cluster) -> None:
    identities = []
    for node in NODES:
        settings = cluster.on(node, "sudo sshd -T")
        assert "passwordauthentication no" in settings
        assert "permitrootlogin no" in settings
        identities.append(cluster.on(node, "cat /etc/ssh/ssh_host_ed25519_key.pub /etc/machine-id"))
    for one in zip(*(identity.splitlines() for identity in identities), strict=True):
        assert len(set(one)) == len(NODES)


def test_metadata_needs_a_token(cluster: Cluster) -> None:
    code = "curl -s -o /dev/null -w '%{http_code}' http://169.254.169.254/latest/meta-data/instance-id"
    assert cluster.on("head", code) == "401"


def test_ssh_and_scp_work_from_any_shell(cluster: Cluster, tmp_path: Path) -> None:
    driver = cluster.driver
    assert driver.ssh(NAME, "hostname").stdout == "head\n"
    assert driver.ssh(f"{NAME}-node001", "hostname").stdout == "node001\n"
    config = (driver.user / ".ssh" / "config").read_bytes()
    assert config.endswith(OWN_CONFIG)
    assert config.startswith(b"Include ")
    (tmp_path / "x").write_text("by scp")
    words = ("scp", "-q", "-F", str(driver.user / ".ssh" / "config"), str(tmp_path / "x"), f"{NAME}:")
    copied = driver.run(*words)
    assert copied.returncode == 0, copied.stderr
    assert cluster.on("node001", "cat ~/x") == "by scp"


def test_the_exit_code_of_a_command_is_passed_on(cluster: Cluster) -> None:
    assert cluster.driver("ssh", NAME, "--", "exit 7").returncode == 7


def test_show_list_and_hosts_tell_what_is(cluster: Cluster) -> None:
    assert cluster.hosts("state") == dict.fromkeys(NODES, "running")
    (listed,) = cluster.driver.told("list")
    assert (listed["name"], listed["state"]) == (NAME, "running")
    assert listed["usd_an_hour"] > 0.1 and listed["usd_so_far"] > 0
    assert {one["node"] for one in cluster.driver.told("hosts", NAME)} == set(NODES)


def test_machines_know_when_they_end_and_extend_moves_it(cluster: Cluster) -> None:
    def end() -> str:
        return cluster.on("big001", "systemctl show -P NextElapseUSecRealtime 'hpcctl*.timer'").strip()

    before, told = end(), cluster.driver.told("list")[0]["expires"]
    later = cluster.driver.told("extend", NAME, "2h")["expires"]
    assert later > told
    assert end() != before
    assert cluster.driver.told("list")[0]["expires"] == later


def test_who_is_authorized_has_an_account_of_her_own(cluster: Cluster) -> None:
    job = "qsub -sync y -b y -j y -o out hostname >/dev/null; cat out"
    script = f"id -un; pwd; sudo -n true 2>/dev/null && echo root; {job}"
    name, home, host = _as_anna(cluster, script).splitlines()
    assert (name, home) == ("anna", "/home/anna")
    assert host in NODES


def _as_anna(cluster: Cluster, script: str) -> str:
    key = ("-i", str(cluster.driver.user / "anna"), "-o", "IdentitiesOnly=yes")
    done = cluster.driver.ssh(*key, "-l", "anna", NAME, script)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_rule_is_the_heads_alone(cluster: Cluster) -> None:
    client = ec2(sandbox.cloud(cluster.driver.home))
    tagged: list[Any] = [{"Name": "tag:hpcctl:cluster", "Values": [NAME]}]
    ruled = {
        group["GroupId"]: [(rule["FromPort"], rule["ToPort"], each["CidrIp"], each["Description"])]
        for group in client.describe_security_groups(Filters=tagged)["SecurityGroups"]
        for rule in group["IpPermissions"]
        if rule.get("FromPort") == 8888
        for each in rule["IpRanges"]
    }
    assert list(ruled.values()) == [[(8888, 8890, "203.0.113.0/24", "Jupyter")]]
    with_rule = {
        next(tag["Value"] for tag in instance["Tags"] if tag["Key"] == "hpcctl:node")
        for reservation in client.describe_instances(Filters=tagged)["Reservations"]
        for instance in reservation["Instances"]
        if set(ruled) & {group["GroupId"] for group in instance["SecurityGroups"]}
    }
    assert with_rule == {"head"}


def test_a_second_run_of_the_steps_changes_nothing(cluster: Cluster) -> None:
    outcome = configure_cluster(cluster.workspace, cluster.workspace.load(), Silent())
    assert (outcome.failures, outcome.changed) == ((), 0)
    assert outcome.unchanged > 20


def test_a_name_that_is_taken_is_refused(cluster: Cluster) -> None:
    again = cluster.driver("create", "--profile", "sandbox", NAME, "2", "c5.xlarge", "4")
    assert again.returncode in {1, 2}
    assert NAME in again.stderr
    assert "Traceback" not in again.stderr


@pytest.mark.fault("daemons and mounts of a node end", "check", "the node is named, with what to do")
def test_check_names_the_node_that_fails(cluster: Cluster) -> None:
    cluster.on("node001", "sudo systemctl stop gridengine-exec && sudo umount -l /permanent")
    try:
        checked = cluster.driver("check", NAME, "--json")
        assert checked.returncode == 4
        failed = [result for result in json.loads(checked.stdout) if not result["passed"]]
        assert "node001" in {result["host"] for result in failed}
        assert all(result["hint"] for result in failed)
    finally:
        cluster.on("node001", "sudo systemctl start gridengine-exec && sudo mount /permanent")
    cluster.driver.good("check", NAME)


def test_nothing_secret_is_readable_by_others(cluster: Cluster) -> None:
    for path in (cluster.driver.home / "clusters").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0 or "modules" in path.parts, path
    for log in cluster.driver.home.rglob("*.log"):
        assert "PRIVATE KEY" not in log.read_text(errors="replace"), log


def test_the_paper_on_python_holds(cluster: Cluster, tmp_path: Path) -> None:
    """Its first example, on the cluster that is there: all but what makes, stops and ends one."""
    paper = Path(__file__).parents[3] / "docs" / "python.md"
    found = re.search(r"```python\n(.*?)```", paper.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    kept = [line for line in found[1].splitlines() if not re.match(r"demo\.(?:stop|start|terminate)\(", line)]
    script = re.sub(r"Cluster\.create\(.*\)", f'Cluster("{NAME}")', "\n".join(kept))
    tell = "print(demo.state, result.code, *(host.name for host in demo.hosts), result.stdout.split()[0])"
    (tmp_path / "job.sh").write_text("#!/bin/bash\nhostname >result.txt\n")
    begin = f"import os, sys; os.chdir({str(tmp_path)!r}); sys.path.insert(0, {str(paper.parents[1])!r})"
    end = "print(demo.run('hostname', node='node001').stdout)"
    done = cluster.driver.run(sys.executable, "-c", f"{begin}\n{script}\n{tell}\n{end}")
    assert done.returncode == 0, done.stderr
    state, code, *hosts, first, named = done.stdout.split()
    assert (state, code, sorted(hosts), first, named) == ("running", "0", sorted(NODES), "head", "node001")
    assert (tmp_path / "result.txt").read_text().strip() in NODES
