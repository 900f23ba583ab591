"""Machines as the sandbox's API uses them, from outside and from within."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.errors import SandboxError
from hpcctl.sandbox.machines.fleet import QemuMachines, reap
from hpcctl.sandbox.machines.network import runtime_folder
from hpcctl.sandbox.model import Disk
from tests.machines.lab import VOLUME, Lab, until
from tests.patience import PATIENCE

pytestmark = [pytest.mark.machines, pytest.mark.extended]

USER_DATA = b"""#!/bin/sh
echo "as $(id -un)" >>/var/tmp/user-data
systemctl is-active ssh >>/var/tmp/user-data
"""
CLOUD_CONFIG = b"""#cloud-config
write_files: [{path: /var/tmp/user-data, content: "cloud-init wrote this\\n"}]
"""
SAME_DISK = f"/dev/disk/by-id/virtio-{VOLUME.volume_id.replace('-', '')}"


@pytest.fixture(scope="module")
def lab(machines_home: Path) -> Iterator[Lab]:
    """Two machines woken up at once; the first has a volume from the start, and a larger root disk."""
    lab = Lab(machines_home)
    lab.serve(0, USER_DATA)
    lab.serve(1, CLOUD_CONFIG)
    lab.machines.prepare(lambda text: None)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lab.machines.start, (lab.spec(0, disks=(VOLUME,), root_gib=12), lab.spec(1))))
    lab.wait_for_ssh(0)
    lab.wait_for_ssh(1)
    yield lab
    lab.close()


def processes_of(home: Path) -> list[int]:
    """All processes whose command line names the home or its sockets."""
    needles = (os.fsencode(home / "sandbox" / "machines"), os.fsencode(runtime_folder(home)))
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if any(needle in words for needle in needles):
            found.append(int(path.parent.name))
    return found


def test_a_restored_machine_has_an_identity_of_its_own(lab: Lab) -> None:
    facts = "cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub; hostname"
    first, second = (lab.run(number, facts).splitlines() for number in (0, 1))
    assert len(first) == len(second) == 3
    assert all(mine != others for mine, others in zip(first, second, strict=True))
    assert first[2] == "ip-10-20-0-10"
    draws = [lab.run(number, "od -An -tx1 -N16 /dev/urandom") for number in (0, 1)]
    assert draws[0] != draws[1]
    boots = "cat /proc/sys/kernel/random/boot_id"
    until(lambda: lab.run(0, boots) != lab.run(1, boots), "boot ids that differ")


def test_a_restored_machine_has_the_right_time(lab: Lab) -> None:
    before = time.time()
    inside = float(lab.run(0, "date +%s.%N"))
    assert before - 2 < inside < time.time() + 2


def test_machines_of_a_vpc_reach_each_other_and_nothing_else(lab: Lab) -> None:
    lab.run(0, "ping -c 1 -W 30 10.20.0.11")
    assert "10.20.0.10/16" in lab.run(0, "ip -brief address")
    assert lab.run(0, "ip route show default") == ""
    assert lab.ssh(0, "curl -s --max-time 5 http://169.254.169.2/").returncode != 0


def test_large_files_pass_through_the_api_in_both_directions(lab: Lab) -> None:
    url = "http://169.254.169.253/file"
    lab.run(0, f"head -c 20M /dev/urandom >f; curl -sfT f {url}; curl -sf {url} | cmp - f")
    counts = lab.run(0, f"curl -s -o /dev/null -o /dev/null -w '%{{num_connects}} ' {url} {url}")
    assert counts == "1 0", "the connection is kept"


def test_user_data_ran_once_as_root_before_ssh(lab: Lab) -> None:
    assert lab.run(0, "cat /var/tmp/user-data").splitlines() == ["as root", "inactive"]


def test_user_data_that_is_no_script_is_left_to_cloud_init(lab: Lab) -> None:
    until(lambda: lab.ssh(1, "test -s /var/tmp/user-data").returncode == 0, "cloud-init's file")
    assert lab.run(1, "cat /var/tmp/user-data") == "cloud-init wrote this"


def test_console_shows_the_host_key(lab: Lab) -> None:
    instance = lab.spec(0).instance_id
    until(lambda: b"HOST KEY FINGERPRINTS" in lab.machines.console(instance), "the host key's fingerprint")
    fingerprint = lab.run(0, "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub").split()[1]
    until(lambda: fingerprint.encode() in lab.machines.console(instance), "the whole console")
    assert lab.machines.console("i-unknown") == b""


def test_the_root_disk_grows(lab: Lab) -> None:
    until(lambda: int(lab.run(0, "df --output=size -BM / | tail -n1 | tr -d M")) > 11_000, "a larger root")
    assert int(lab.run(1, "df --output=size -BM / | tail -n1 | tr -d M")) < 9_000


def test_disks_come_and_go_while_the_machine_runs(lab: Lab) -> None:
    instance, disk = lab.spec(1).instance_id, Disk(volume_id="vol-0aaaaaaaaaaaaaaaa", gib=1)
    name = "/dev/disk/by-id/virtio-vol0aaaaaaaaaaaaaaaa"
    for _ in range(2):
        lab.machines.attach(instance, disk)
        lab.machines.attach(instance, disk)
        until(lambda: lab.ssh(1, f"test -b {name}").returncode == 0, "the disk appears")
        lab.run(1, f"sudo sh -c 'blkid {name} || mkfs.ext4 -q {name}'")
        lab.machines.detach(instance, disk.volume_id)
        lab.machines.detach(instance, disk.volume_id)
        until(lambda: lab.ssh(1, f"test -b {name}").returncode != 0, "the disk goes")
    lab.machines.delete_volume(disk.volume_id)


def test_the_public_address_moves(lab: Lab) -> None:
    instance, other = lab.spec(1).instance_id, "127.88.0.77"
    lab.machines.set_public_ip(instance, other)
    lab.wait_for_ssh(1, address=other)
    assert lab.ssh(1, "true").returncode == 255
    lab.machines.set_public_ip(instance, lab.spec(1).public_ip)
    lab.wait_for_ssh(1)


def test_a_taken_address_is_named(lab: Lab) -> None:
    with pytest.raises(SandboxError, match=r"127\.88\.0\.10"):
        lab.machines.set_public_ip(lab.spec(1).instance_id, "127.88.0.10")
    lab.wait_for_ssh(1)


def test_stop_and_start_keep_the_disks_and_the_identity(lab: Lab) -> None:
    spec = lab.spec(0, disks=(VOLUME,), root_gib=12)
    lab.run(0, f"sudo mkfs.ext4 -q {SAME_DISK}; sudo mount {SAME_DISK} /mnt; echo kept | sudo tee /mnt/f f")
    before = lab.run(0, "cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub")
    lab.machines.stop(spec.instance_id)
    lab.machines.stop(spec.instance_id)
    assert lab.ssh(0, "true").returncode == 255
    lab.machines.start(spec)
    lab.machines.start(spec)
    lab.wait_for_ssh(0)
    assert lab.run(0, f"cat f; sudo mount {SAME_DISK} /mnt; cat /mnt/f").split() == ["kept", "kept"]
    assert lab.run(0, "cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub") == before
    assert lab.run(0, "cat /var/tmp/user-data").splitlines() == ["as root", "inactive"]
    lab.run(0, "ping -c 1 -W 30 10.20.0.11")
    assert lab.ended == []


def test_reboot_comes_back_in_the_same_process(lab: Lab) -> None:
    boot = lab.run(1, "cat /proc/sys/kernel/random/boot_id")
    before = processes_of(lab.home)
    lab.run(1, "echo kept >f")
    lab.machines.reboot(lab.spec(1).instance_id)

    def booted_again() -> bool:
        done = lab.ssh(1, "cat /proc/sys/kernel/random/boot_id")
        return done.returncode == 0 and done.stdout.strip() != boot

    until(booted_again, "another boot")
    assert lab.run(1, "cat f") == "kept"
    assert processes_of(lab.home) == before


def test_power_off_from_within_is_told(lab: Lab) -> None:
    instance = lab.spec(1).instance_id
    lab.ssh(1, "sudo systemctl poweroff")
    until(lambda: lab.ended == [instance], "the callback")
    with pytest.raises(SandboxError, match="does not run"):
        lab.machines.reboot(instance)


def test_terminate_removes_process_and_disk(lab: Lab) -> None:
    folder = lab.home / "sandbox" / "machines" / lab.spec(0).instance_id
    assert folder.is_dir()
    for number in (0, 1):
        lab.machines.terminate(lab.spec(number).instance_id)
        lab.machines.terminate(lab.spec(number).instance_id)
    assert not folder.exists()
    lab.machines.close()
    assert processes_of(lab.home) == []
    assert not runtime_folder(lab.home).exists()
    assert sorted(path.name for path in (lab.home / "sandbox").iterdir()) == ["images"]
    with pytest.raises(SandboxError, match="going down"):
        lab.machines.start(lab.spec(0))


def test_reap_removes_what_a_killed_service_has_left(machines_home: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.machines.lab import Lab\n"
        "lab = Lab(Path(sys.argv[1])); lab.serve(0, None); lab.machines.start(lab.spec(0))\n"
        "print(lab.folder, flush=True); sys.stdin.read()\n"
    )
    words = [sys.executable, "-c", code, str(machines_home)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        lab_folder = service.stdout.readline().strip()
        assert lab_folder.startswith("/tmp/lab-")
        assert processes_of(machines_home)
        service.send_signal(signal.SIGKILL)
    until(lambda: not processes_of(machines_home), "the end of all processes", PATIENCE)
    assert (machines_home / "sandbox" / "machines").is_dir()
    reap(machines_home)
    assert sorted(path.name for path in (machines_home / "sandbox").iterdir()) == ["images"]
    assert not runtime_folder(machines_home).exists()
    reap(machines_home)
    shutil.rmtree(lab_folder)


def test_a_machine_whose_address_is_taken_leaves_nothing(machines_home: Path) -> None:
    lab = Lab(machines_home)
    try:
        lab.serve(0, None)
        lab.serve(1, None)
        lab.machines.start(lab.spec(0))
        twin = replace(lab.spec(1), public_ip=lab.spec(0).public_ip)
        with pytest.raises(SandboxError, match="the port is taken"):
            lab.machines.start(twin)
        assert not (machines_home / "sandbox" / "machines" / twin.instance_id).exists()
    finally:
        lab.close()


def test_a_cold_boot_runs_the_distributions_cloud_init(machines_home: Path) -> None:
    lab = Lab(machines_home, cold_boot=True)
    try:
        lab.serve(0, b"#!/bin/sh\necho by cloud-init >/var/tmp/user-data\n")
        lab.machines.start(lab.spec(0, disks=(VOLUME,)))
        lab.wait_for_ssh(0)
        until(
            lambda: lab.ssh(0, "cat /var/tmp/user-data").stdout == "by cloud-init\n", "the user data's file"
        )
        assert "10.20.0.10/16" in lab.run(0, "ip -brief address")
        assert "DataSourceEc2" in lab.run(0, "cat /run/cloud-init/result.json || sudo cloud-init query ds")
        assert lab.run(0, f"test -b {SAME_DISK} && hostname") == "ip-10-20-0-10"
    finally:
        lab.close()


def test_two_fleets_live_side_by_side(machines_home: Path, tmp_path: Path) -> None:
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "images").symlink_to(machines_home / "sandbox" / "images")
    first, second = Lab(machines_home), QemuMachines(tmp_path)
    try:
        first.serve(0, None)
        first.machines.start(first.spec(0))
        second.prepare(lambda text: None)
        second.close()
        reap(tmp_path)
        first.wait_for_ssh(0)
    finally:
        second.close()
        first.close()
