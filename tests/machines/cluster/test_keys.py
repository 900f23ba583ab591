"""Who gets in by which key, and how hpcctl knows whom it talks to."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from hpcctl.aws import host_key_tag
from hpcctl.lifecycle.configuring import configure_cluster
from hpcctl.lifecycle.hostkeys import accepted_host_keys, is_settled, reset_host_keys
from hpcctl.spec.model import ClusterSpec
from hpcctl.sshconfig import known_hosts, read_known_hosts
from tests.machines.cluster.conftest import NAME
from tests.machines.driver import Cluster, until
from tests.machines.home import Silent

pytestmark = pytest.mark.machines

NODES = ("head", "node001", "big001")


def shown(cluster: Cluster, node: str) -> str:
    """The key that sshd of a node shows, asked on the node itself."""
    scanned = cluster.on(node, "ssh-keyscan -t ed25519 127.0.0.1 2>/dev/null")
    return scanned.split(" ", 1)[1].strip()


def by_hpcctl(cluster: Cluster, node: str, script: str) -> str:
    """A command by `hpcctl ssh`, which sees to the keys first."""
    return cluster.driver.good("ssh", NAME, node, "--", script).stdout


def test_the_key_of_user_data_is_worth_nothing_after_create(cluster: Cluster) -> None:
    bootstrap = read_known_hosts(cluster.workspace.bootstrap_hosts.read_text())
    accepted = accepted_host_keys(cluster.workspace)
    for node in NODES:
        assert accepted[node] == (shown(cluster, node),)
        assert bootstrap[f"{NAME}-{node}"][0] != accepted[node][0]
    assert not cluster.workspace.new_host_keys.exists()
    trusted = {cluster.on(node, "cat /etc/ssh/ssh_known_hosts") for node in NODES}
    assert len(trusted) == 1
    assert trusted.pop().count("ssh-ed25519") == len(NODES)
    record = cluster.workspace.load()
    assert host_key_tag(record.cloud, record.cluster_id) == accepted["head"][0]


@pytest.mark.parametrize("node", NODES[:2])
def test_no_passwords_no_root_no_agent(cluster: Cluster, node: str) -> None:
    driver, host, config = cluster.driver, f"{NAME}-{node}", str(cluster.driver.home / "ssh_config")
    wanted = {
        "passwordauthentication no",
        "kbdinteractiveauthentication no",
        "permitrootlogin no",
        "pubkeyauthentication yes",
        "authorizedkeyscommanduser nobody",
    }
    assert wanted <= set(cluster.on(node, "sudo sshd -T").splitlines())
    login = ("ssh", "-F", config, "-o", "BatchMode=yes")
    no_key = ("-o", "PubkeyAuthentication=no", "-o", "PreferredAuthentications=password")
    assert "Permission denied (publickey)" in driver.run(*login, *no_key, host).stderr
    jump = f"ProxyJump={'none' if node == 'head' else NAME}"
    root = driver.run(*login, "-l", "root", "-o", jump, host)
    assert "Permission denied (publickey)" in root.stderr
    assert "forwardagent no" in driver.run("ssh", "-G", "-F", config, host).stdout.splitlines()


def test_the_metadata_service_lets_in_nobody_by_itself(cluster: Cluster) -> None:
    program = cluster.on("head", "sudo sshd -T | sed -n 's/^authorizedkeyscommand //p'").split()[0]
    users = "hpc root nobody no-such-user"
    assert cluster.on("head", f"for user in {users}; do sudo -u nobody {program} $user; done") == ""
    assert cluster.on("head", f"stat -c %U:%a {program}").strip() == "root:755"


def _without_what_is_too_big(spec: ClusterSpec) -> ClusterSpec:
    head = replace(spec.head, scripts=())
    return replace(
        spec, head=head, compute=tuple(replace(group, scripts=()) for group in spec.compute), authorized=()
    )


@pytest.mark.fault(
    "killed while a host key is replaced",
    "configure: the node has the new key, hpcctl has not noted it",
    "the same command goes on; no key but the new one is accepted at its end",
)
def test_a_node_with_either_key_is_reached_and_gets_its_own(cluster: Cluster) -> None:
    """As after a machine was made again: both its keys are accepted until it has a new one."""
    before = accepted_host_keys(cluster.workspace)
    reset_host_keys(cluster.workspace, NODES)
    assert not is_settled(cluster.workspace, "head")
    outcome = configure_cluster(cluster.workspace, cluster.workspace.load(), Silent())
    assert outcome.failures == ()
    after = accepted_host_keys(cluster.workspace)
    for node in NODES:
        assert after[node] != before[node]
        assert after[node] == (shown(cluster, node),)


@pytest.mark.fault("the head shows another host key", "every verb", "it stops at once and says what to do")
def test_a_changed_host_key_stops_at_once(cluster: Cluster) -> None:
    path = cluster.workspace.known_hosts
    good = path.read_text()
    node = accepted_host_keys(cluster.workspace)["node001"]
    path.write_text(known_hosts(NAME, dict.fromkeys(NODES, node)))
    try:
        for verb in (("check", NAME), ("ssh", NAME, "--", "true")):
            done = cluster.driver(*verb)
            assert done.returncode == 4, done.stderr
            assert "another host key" in done.stderr
            assert "update-ssh" in done.stderr
    finally:
        path.write_text(good)
    cluster.driver.good("ssh", NAME, "--", "true")


@pytest.mark.fault(
    "the keys of a cluster are lost", "ssh, check", "AWS lets the machine in, and all is there again"
)
def test_a_machine_without_keys_is_let_in_by_the_account(cluster: Cluster) -> None:
    file = "cat /etc/hpcctl/authorized_keys/hpc"
    authorized = by_hpcctl(cluster, "node001", file).splitlines()
    lost = cluster.workspace.identity.read_text()
    shutil.rmtree(cluster.workspace.path / "ssh")
    assert by_hpcctl(cluster, "head", "hostname") == "head\n"
    assert cluster.workspace.identity.read_text() != lost
    for node in NODES:
        now = by_hpcctl(cluster, node, file).splitlines()
        assert set(authorized) < set(now), "a key was taken away, or none was added"
        assert len(now) == len(authorized) + 1
    for path in (cluster.workspace.path / "ssh").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path
    checks = cluster.driver.told("check", NAME)
    assert all(check["passed"] for check in checks)
    assert "mpi job" in {check["check"] for check in checks}


@pytest.mark.fault("the head refuses this machine's key", "ssh", "AWS lets the machine in, and the key stays")
def test_a_key_that_is_refused_is_let_in_again(cluster: Cluster) -> None:
    mine = cluster.workspace.identity.with_suffix(".pub").read_text().split()[1]
    file = "/etc/hpcctl/authorized_keys/hpc"
    forget = f"grep -v {mine} {file} | sudo tee {file}.new >/dev/null; sudo mv {file}.new {file}"
    by_hpcctl(cluster, "head", forget)
    # What the test before sent by Instance Connect is good for a minute.
    refused = ("-o", "ControlPath=none", f"{NAME}-head", "true")
    until(lambda: cluster.driver.ssh(*refused).returncode == 255, "the head refuses the key")
    assert by_hpcctl(cluster, "head", "hostname") == "head\n"
    assert mine in by_hpcctl(cluster, "head", f"cat {file}")
    assert cluster.driver("ssh", NAME, "--", "exit 255").returncode == 255


@pytest.mark.fault(
    "the cluster's whole folder is lost", "recover", "record, state and keys are there again; an empty plan"
)
def test_a_folder_that_is_gone_is_recovered_with_its_keys(cluster: Cluster) -> None:
    before, own = cluster.workspace.load(), cluster.workspace.identity.read_text()
    shutil.rmtree(cluster.workspace.path)
    done = cluster.driver.good("recover", "--profile", "sandbox", NAME)
    assert "this machine has a key of its own again" in done.stdout
    assert "Terraform plans no change" in done.stdout
    after = cluster.workspace.load()
    assert after.phase == before.phase
    assert after.inventory and before.inventory
    assert set(after.inventory.hosts) == set(before.inventory.hosts)
    assert set(after.inventory.volumes) == set(before.inventory.volumes)
    # What is too big for a tag does not come back: scripts of the first boot, and who else may log in.
    assert _without_what_is_too_big(after.spec) == _without_what_is_too_big(before.spec)
    for node in NODES:
        assert accepted_host_keys(cluster.workspace)[node] == (shown(cluster, node),)
        assert is_settled(cluster.workspace, node)
    assert cluster.workspace.identity.read_text() != own
    cluster.driver.good("check", NAME)
    assert cluster.driver("recover", NAME).stdout == f"{NAME}: nothing is lost\n"
    cluster.driver.good("doctor", "--plan", "--json", NAME)
