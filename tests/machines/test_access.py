"""Who gets in by which key, and how hpcctl knows whom it talks to. One cluster of two; the tests run in this order."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

import pytest

from hpcctl.aws import host_key_tag
from hpcctl.lifecycle.configuring import configure_cluster
from hpcctl.lifecycle.hostkeys import accepted_host_keys, is_settled, reset_host_keys
from hpcctl.sshconfig import known_hosts, read_known_hosts
from hpcctl.workspace import Workspace
from tests.environments import own_environment
from tests.machines.home import Silent, home_with_images
from tests.machines.lab import until

pytestmark = pytest.mark.machines

NODES = ("head", "node001")
NAME = "keys"
SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class Driver:
    """hpcctl with a home of its own, and the same user's ssh."""

    home: Path
    user: Path

    @property
    def workspace(self) -> Workspace:
        return Workspace(home=self.home, name=NAME)

    def environment(self) -> dict[str, str]:
        return own_environment(self.home, self.user)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(words),
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            text=True,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "hpcctl", *words)

    def on(self, node: str, script: str) -> str:
        done = self("ssh", NAME, node, "--", f"bash -euo pipefail -c {quote(script)}")
        assert done.returncode == 0, f"{node}: {script}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    """The cluster as `create` leaves it."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "user" / ".ssh").mkdir(parents=True, mode=0o700)
    made = Driver(home=home_with_images(folder), user=folder / "user")
    try:
        done = made("create", "--profile", "sandbox", NAME, "2", "c5.xlarge", "4")
        assert done.returncode == 0, done.stderr
        yield made
    finally:
        down = made("sandbox", "down")
        assert down.returncode == 0, down.stderr


def shown(cluster: Driver, node: str) -> str:
    """The key that sshd of a node shows, asked on the node itself."""
    return cluster.on(node, "ssh-keyscan -t ed25519 127.0.0.1 2>/dev/null").split(" ", 1)[1].strip()


def test_the_key_of_user_data_is_worth_nothing_after_create(cluster: Driver) -> None:
    bootstrap = read_known_hosts(cluster.workspace.bootstrap_hosts.read_text())
    accepted = accepted_host_keys(cluster.workspace)
    for node in NODES:
        assert accepted[node] == (shown(cluster, node),)
        assert bootstrap[f"{NAME}-{node}"][0] != accepted[node][0]
    assert not cluster.workspace.new_host_keys.exists()
    trusted = {node: cluster.on(node, "cat /etc/ssh/ssh_known_hosts") for node in NODES}
    assert trusted["head"] == trusted["node001"]
    assert trusted["head"].count("ssh-ed25519") == len(NODES)
    record = cluster.workspace.load()
    assert host_key_tag(record.cloud, record.cluster_id) == accepted["head"][0]


def test_no_passwords_no_root_no_agent(cluster: Driver) -> None:
    wanted = {
        "passwordauthentication no",
        "kbdinteractiveauthentication no",
        "permitrootlogin no",
        "pubkeyauthentication yes",
        "authorizedkeyscommanduser nobody",
    }
    config = str(cluster.home / "ssh_config")
    for node in NODES:
        assert wanted <= set(cluster.on(node, "sudo sshd -T").splitlines())
        login = ("ssh", "-F", config, "-o", "BatchMode=yes")
        password = cluster.run(
            *login,
            "-o",
            "PubkeyAuthentication=no",
            "-o",
            "PreferredAuthentications=password",
            f"{NAME}-{node}",
        )
        assert "Permission denied (publickey)" in password.stderr
        root = cluster.run(
            *login, "-l", "root", "-o", f"ProxyJump={'none' if node == 'head' else NAME}", f"{NAME}-{node}"
        )
        assert "Permission denied (publickey)" in root.stderr
        options = cluster.run("ssh", "-G", "-F", config, f"{NAME}-{node}").stdout.splitlines()
        assert "forwardagent no" in options


def test_a_second_run_of_the_steps_changes_nothing(cluster: Driver) -> None:
    outcome = configure_cluster(cluster.workspace, cluster.workspace.load(), Silent())
    assert (outcome.failures, outcome.changed) == ((), 0)


@pytest.mark.fault(
    "killed while a host key is replaced",
    "configure: the node has the new key, hpcctl has not noted it",
    "the same command goes on; no key but the new one is accepted at its end",
)
def test_a_node_with_either_key_is_reached_and_gets_its_own(cluster: Driver) -> None:
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
def test_a_changed_host_key_stops_at_once(cluster: Driver) -> None:
    path = cluster.workspace.known_hosts
    good = path.read_text()
    node = accepted_host_keys(cluster.workspace)["node001"]
    path.write_text(known_hosts(NAME, {"head": node, "node001": node}))
    try:
        for verb in (("check", NAME), ("ssh", NAME, "--", "true")):
            done = cluster(*verb)
            assert done.returncode == 4, done.stderr
            assert "another host key" in done.stderr
            assert "update-ssh" in done.stderr
    finally:
        path.write_text(good)
    assert cluster("ssh", NAME, "--", "true").returncode == 0


def test_the_metadata_service_lets_in_nobody_by_itself(cluster: Driver) -> None:
    program = cluster.on("head", "sudo sshd -T | sed -n 's/^authorizedkeyscommand //p'").split()[0]
    for user in ("hpc", "root", "nobody", "no-such-user"):
        assert cluster.on("head", f"sudo -u nobody {program} {user}") == ""
    assert cluster.on("head", f"stat -c %U:%a {program}").strip() == "root:755"


@pytest.mark.fault(
    "the keys of a cluster are lost", "ssh, check", "AWS lets the machine in, and all is there again"
)
def test_a_machine_without_keys_is_let_in_by_the_account(cluster: Driver) -> None:
    authorized = cluster.on("node001", "cat /etc/hpcctl/authorized_keys/hpc").splitlines()
    lost = cluster.workspace.identity.read_text()
    shutil.rmtree(cluster.workspace.path / "ssh")
    assert cluster("ssh", NAME, "--", "hostname").stdout == "head\n"
    assert cluster.workspace.identity.read_text() != lost
    for node in NODES:
        assert cluster.on(node, "hostname").strip() == node
        now = cluster.on(node, "cat /etc/hpcctl/authorized_keys/hpc").splitlines()
        assert set(authorized) < set(now), "a key was taken away, or none was added"
        assert len(now) == len(authorized) + 1
    for path in (cluster.workspace.path / "ssh").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path
    checked = cluster("check", NAME, "--json")
    assert checked.returncode == 0, checked.stderr
    assert "mpi job" in {result["check"] for result in json.loads(checked.stdout)}


@pytest.mark.fault("the head refuses this machine's key", "ssh", "AWS lets the machine in, and the key stays")
def test_a_key_that_is_refused_is_let_in_again(cluster: Driver) -> None:
    mine = cluster.workspace.identity.with_suffix(".pub").read_text().split()[1]
    file = "/etc/hpcctl/authorized_keys/hpc"
    cluster.on("head", f"grep -v {mine} {file} | sudo tee {file}.new >/dev/null && sudo mv {file}.new {file}")
    # What the test before sent by Instance Connect is good for a minute.
    ssh = ("ssh", "-F", str(cluster.user / ".ssh" / "config"), "-o", "BatchMode=yes", f"{NAME}-head", "true")
    until(lambda: cluster.run(*ssh).returncode == 255, "the head refuses the key", 120)
    done = cluster("ssh", NAME, "--", "hostname")
    assert (done.returncode, done.stdout) == (0, "head\n"), done.stderr
    assert mine in cluster.on("head", f"cat {file}")
    assert cluster("ssh", NAME, "--", "exit 255").returncode == 255


@pytest.mark.fault(
    "the cluster's whole folder is lost", "recover", "record, state and keys are there again; an empty plan"
)
def test_a_folder_that_is_gone_is_recovered_with_its_keys(cluster: Driver) -> None:
    before, own = cluster.workspace.load(), cluster.workspace.identity.read_text()
    shutil.rmtree(cluster.workspace.path)
    done = cluster("recover", "--profile", "sandbox", NAME)
    assert done.returncode == 0, done.stderr
    assert "this machine has a key of its own again" in done.stdout
    assert "Terraform plans no change" in done.stdout
    after = cluster.workspace.load()
    assert (after.phase, after.inventory, after.spec) == (before.phase, before.inventory, before.spec)
    assert cluster.workspace.identity.read_text() != own
    for node in NODES:
        assert accepted_host_keys(cluster.workspace)[node] == (shown(cluster, node),)
        assert is_settled(cluster.workspace, node)
    checked = cluster("check", NAME)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert cluster("recover", NAME).stdout == f"{NAME}: nothing is lost\n"
    seen = cluster("doctor", "--plan", "--json", NAME)
    assert seen.returncode == 0, seen.stdout
