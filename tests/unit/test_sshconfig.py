"""The ssh config as OpenSSH itself understands it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.sshconfig import Login, known_hosts, login_to, read_known_hosts, ssh_config
from tests.unit.records import INVENTORY, RECORD


def login(**changes: object) -> Login:
    record = replace(RECORD, **changes)  # type: ignore[arg-type]
    found = login_to(record, identity="/home/a b/%h/id", known_hosts="/home/a b/known_hosts")
    assert found
    return found


def understood(text: str, host: str, folder: Path) -> dict[str, str]:
    """What `ssh -G` makes of it."""
    if not shutil.which("ssh"):
        pytest.skip("no ssh on this machine")
    config = folder / "config"
    config.write_text(text)
    command = ["ssh", "-G", "-F", str(config), host]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return dict(line.split(" ", 1) for line in lines if " " in line)


@pytest.mark.parametrize("host", ["demo", "demo-head"])
def test_the_head_is_reached_directly(host: str, tmp_path: Path) -> None:
    options = understood(ssh_config([login()]), host, tmp_path)
    assert options["hostname"] == "127.1.2.3"
    assert options["port"] == "2222"
    assert options["user"] == "hpc"
    assert options["hostkeyalias"] == "demo-head"
    assert options["stricthostkeychecking"] == "true"
    assert options["userknownhostsfile"] == "/home/a b/known_hosts"
    assert options["identitiesonly"] == "yes"
    assert options["forwardagent"] == "no"
    assert "proxyjump" not in options


def test_a_node_is_reached_through_the_head(tmp_path: Path) -> None:
    options = understood(ssh_config([login()]), "demo-node001", tmp_path)
    assert options["hostname"] == "10.0.0.11"
    assert options["proxyjump"] == "demo"
    assert options["port"] == "22"
    assert options["user"] == "hpc"
    assert options["hostkeyalias"] == "demo-node001"


def test_a_stranger_is_left_alone(tmp_path: Path) -> None:
    assert understood(ssh_config([login()]), "demo2", tmp_path)["hostname"] == "demo2"


def test_a_head_without_an_address_says_so(tmp_path: Path) -> None:
    hosts = tuple(replace(host, public_ip=None) for host in INVENTORY.hosts)
    text = ssh_config([login(inventory=replace(INVENTORY, hosts=hosts))])
    options = understood(text, "demo", tmp_path)
    assert "has no address" in options["proxycommand"]


def test_the_users_own_key_is_tried_before_the_clusters() -> None:
    assert login(key_file="/keys/mine.pub").identities == ('"/keys/mine"', '"/home/a b/%%h/id"')


def test_a_cluster_without_hosts_has_no_login() -> None:
    assert login_to(replace(RECORD, inventory=None), identity="i", known_hosts="k") is None


def test_no_clusters_make_a_file_of_comments(tmp_path: Path) -> None:
    assert understood(ssh_config([]), "demo", tmp_path)["hostname"] == "demo"


def test_known_hosts_are_kept_under_the_alias_without_comments() -> None:
    keys = {"head": ("ssh-ed25519 AAAA root@x", "ssh-ed25519 CCCC"), "node001": ("ssh-ed25519 BBBB",)}
    text = known_hosts("demo", keys)
    assert text == "demo-head ssh-ed25519 AAAA\ndemo-head ssh-ed25519 CCCC\ndemo-node001 ssh-ed25519 BBBB\n"
    assert read_known_hosts(text)["demo-head"] == ("ssh-ed25519 AAAA", "ssh-ed25519 CCCC")


def test_a_head_without_a_public_address_is_reached_by_its_own(tmp_path: Path) -> None:
    spec = replace(RECORD.spec, head=replace(RECORD.spec.head, public_address=False))
    hosts = tuple(replace(host, public_ip=None) for host in INVENTORY.hosts)
    text = ssh_config([login(spec=spec, inventory=replace(INVENTORY, hosts=hosts))])
    assert understood(text, "demo", tmp_path)["hostname"] == "10.0.0.10"
    assert understood(text, "demo-node001", tmp_path)["proxyjump"] == "demo"
