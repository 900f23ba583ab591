"""A class of two clusters from a file: two groups, one more volume, a firewall rule, and a seat for somebody.

The clusters serve all tests of this module, which run in the order in which they stand here.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import Any

import pytest

from hpcctl import sandbox
from hpcctl.aws.session import ec2
from tests.machines.home import home_with_images
from tests.machines.lab import until
from tests.machines.test_cluster import Driver

pytestmark = pytest.mark.machines

SEATS = ("lab-01", "lab-02")
NODES = ("big001", "head", "node001")
FILE = Path(__file__).parent / "class.hcl"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Driver, str]]:
    """The class, and what its create said to people."""
    folder = tmp_path_factory.mktemp("home")
    user = folder / "user"
    (user / ".ssh").mkdir(parents=True, mode=0o700)
    key = user / "anna"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (folder / "class.hcl").write_text(FILE.read_text())
    (folder / "seats.keys").write_text(f"anna@02 {key.with_suffix('.pub').read_text()}")
    driver = Driver(home=home_with_images(folder), user=user, sockets=folder)
    words = ("create", "lab", "--count", "2", "--file", str(folder / "class.hcl"), "--set", "project=fin")
    done = driver("--profile", "sandbox", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    yield driver, done.stderr
    down = driver("sandbox", "down")
    assert down.returncode == 0, down.stderr


@pytest.fixture(scope="module")
def driver(made: tuple[Driver, str]) -> Driver:
    return made[0]


def on(driver: Driver, host: str, script: str) -> str:
    """A script on a host, as the login user."""
    done = driver.ssh(*driver.shared(), host, f"bash -euo pipefail -c {quote(script)}")
    assert done.returncode == 0, f"{host}: {script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def listed(driver: Driver, *words: str) -> Any:
    return json.loads(driver(*words, "--json").stdout)


def client(driver: Driver) -> Any:
    return ec2(sandbox.cloud(driver.home))


def tagged(cluster: str) -> list[dict[str, Any]]:
    return [{"Name": "tag:hpcctl:cluster", "Values": [cluster]}]


def test_what_it_will_be_and_cost_is_told_before(made: tuple[Driver, str]) -> None:
    for words in ("t3.medium", "spot", "8888-8890 from 203.0.113.0/24", "kept on terminate", "all 2", "$"):
        assert words in made[1], made[1]


def test_the_class_is_there_with_what_it_costs(driver: Driver) -> None:
    found = listed(driver, "list", "lab")
    assert [(one["name"], one["class"], one["state"]) for one in found] == [
        (seat, "lab", "running") for seat in SEATS
    ]
    assert all(one["usd_an_hour"] > 0.1 and one["usd_so_far"] > 0 and one["expires"] for one in found)
    hosts = [(one["cluster"], one["node"]) for one in listed(driver, "hosts", "lab")]
    assert sorted(hosts) == [(seat, node) for seat in SEATS for node in NODES]


@pytest.mark.parametrize("seat", SEATS)
def test_every_group_is_its_own_host_group(driver: Driver, seat: str) -> None:
    assert on(driver, seat, "qconf -shgrp @big | grep -c big001") == "1\n"
    where = on(
        driver, seat, "qsub -sync y -b y -q all.q@@big -j y -o /share/where hostname; cat /share/where"
    )
    assert where.splitlines()[-1] == "big001"


@pytest.mark.parametrize("seat", SEATS)
def test_the_volume_is_on_all_nodes(driver: Driver, seat: str) -> None:
    on(driver, seat, "findmnt -no FSTYPE /data | grep -qx xfs; sudo chmod 1777 /data; echo here >/data/file")
    for node in ("node001", "big001"):
        assert on(driver, f"{seat}-{node}", "cat /data/file") == "here\n"


def test_the_rule_is_the_heads_alone(driver: Driver) -> None:
    groups = client(driver).describe_security_groups(Filters=tagged("lab-01"))["SecurityGroups"]
    rules = [
        (rule["FromPort"], rule["ToPort"], ranged["CidrIp"], ranged["Description"], group["GroupId"])
        for group in groups
        for rule in group["IpPermissions"]
        if rule.get("FromPort") == 8888
        for ranged in rule["IpRanges"]
    ]
    assert [rule[:4] for rule in rules] == [(8888, 8890, "203.0.113.0/24", "Jupyter")]
    with_rule = {
        next(tag["Value"] for tag in instance["Tags"] if tag["Key"] == "hpcctl:node")
        for reservation in client(driver).describe_instances(Filters=tagged("lab-01"))["Reservations"]
        for instance in reservation["Instances"]
        if rules[0][4] in {group["GroupId"] for group in instance["SecurityGroups"]}
    }
    assert with_rule == {"head"}


def test_somebody_has_a_seat_of_her_own(driver: Driver) -> None:
    key = ("-i", str(driver.user / "anna"), "-o", "IdentitiesOnly=yes", "-o", "ControlPath=none")
    job = "qsub -sync y -b y -j y -o out hostname >/dev/null; cat out"
    script = f"id -un; pwd; sudo -n true 2>/dev/null && echo root; {job}"
    done = driver.ssh(*key, "-l", "anna", "lab-02", f"bash -c {quote(script)}")
    assert done.returncode == 0, done.stderr
    name, home, host = done.stdout.splitlines()
    assert (name, home) == ("anna", "/home/anna")
    assert host in NODES
    refused = driver.ssh(*key, "-l", "anna", "lab-01", "true")
    assert refused.returncode == 255


def test_machines_know_when_they_end(driver: Driver) -> None:
    for host in ("lab-01", "lab-01-big001"):
        assert "hpcctl" in on(driver, host, "systemctl list-timers --all --no-legend 'hpcctl*'")


def test_one_seat_stops_and_starts_with_its_spot_node_made_anew(driver: Driver) -> None:
    done = driver("stop", "lab-01")
    assert done.returncode == 0, done.stderr
    shown = {host["name"]: host["state"] for host in listed(driver, "show", "lab-01")["hosts"]}
    assert (shown["head"], shown["node001"]) == ("stopped", "stopped")
    assert [one["state"] for one in listed(driver, "list", "lab-02")] == ["running"]
    done = driver("start", "lab-01")
    assert done.returncode == 0, done.stderr
    assert on(driver, "lab-01-big001", "cat /data/file") == "here\n"
    assert driver("check", "lab-01").returncode == 0


def test_the_whole_class_goes_but_for_what_is_kept(driver: Driver) -> None:
    asked = driver("terminate", "lab-*")
    assert asked.returncode == 2
    assert all(seat in asked.stderr for seat in SEATS)
    gone = driver("terminate", "--yes", "lab")
    assert gone.returncode == 0, gone.stderr
    assert listed(driver, "list") == []
    until(lambda: len(_volumes(driver)) == len(SEATS), "the volumes that are kept are all that is left")
    kept = {volume["VolumeId"] for volume in _volumes(driver)}
    assert all(volume in gone.stderr + gone.stdout for volume in kept)


def _volumes(driver: Driver) -> list[dict[str, Any]]:
    return list(client(driver).describe_volumes()["Volumes"])
