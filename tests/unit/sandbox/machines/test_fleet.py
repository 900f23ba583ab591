from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from hpcctl.errors import SandboxError
from hpcctl.sandbox.machines import stock
from hpcctl.sandbox.machines.fleet import QemuMachines, reap
from hpcctl.sandbox.machines.none import NoMachines
from hpcctl.sandbox.model import Address, Disk, Machines, MachineSpec

SPEC = MachineSpec(
    instance_id="i-1",
    image_id="ami-1",
    root_gib=8,
    private=Address(vpc_id="vpc-1", mac="0a:00:00:00:00:01", ip="10.0.0.4", prefix_length=16),
    metadata_socket=Path("/nowhere"),
    api_socket=Path("/nowhere"),
    public_ip="127.1.2.3",
    ssh_port=2222,
)


def test_both_kinds_are_machines(tmp_path: Path) -> None:
    kinds: list[Machines] = [QemuMachines(tmp_path), NoMachines()]
    for machines in kinds:
        machines.close()


def test_calls_for_an_instance_that_is_not_known_are_harmless(tmp_path: Path) -> None:
    machines = QemuMachines(tmp_path)
    machines.stop("i-1")
    machines.terminate("i-1")
    machines.detach("i-1", "vol-1")
    machines.set_public_ip("i-1", "127.1.2.3")
    assert machines.console("i-1") == b""
    machines.close()


def test_attach_to_a_machine_that_stands_still_makes_the_volume_only(tmp_path: Path) -> None:
    machines = QemuMachines(tmp_path)
    machines.attach("i-1", Disk(volume_id="vol-1", gib=1))
    assert (tmp_path / "sandbox" / "volumes" / "vol1.raw").stat().st_size == 2**30
    machines.close()
    assert not (tmp_path / "sandbox" / "volumes").exists()


class CountingLock:
    """A lock that knows how many have come to it."""

    def __init__(self) -> None:
        self.came = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self.came += 1
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_those_who_wait_for_a_failed_attempt_share_it_and_the_next_tries_again(
    tmp_path: Path, monkeypatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    attempts: list[int] = []

    def fail() -> None:
        attempts.append(1)
        begun.set()
        go_on.wait()
        raise SandboxError("no QEMU")

    monkeypatch.setattr(stock, "require_programs", fail)
    machines = QemuMachines(tmp_path)
    monkeypatch.setattr(machines._stock, "_preparing", lock := CountingLock())
    failures: list[str] = []

    def start() -> None:
        with pytest.raises(SandboxError) as caught:
            machines.start(SPEC)
        failures.append(caught.value.message)

    threads = [threading.Thread(target=start) for _ in range(3)]
    threads[0].start()
    begun.wait()
    for thread in threads[1:]:
        thread.start()
    while lock.came < 3:
        time.sleep(0.01)
    go_on.set()
    for thread in threads:
        thread.join()
    assert failures == ["no QEMU"] * 3
    assert len(attempts) == 1
    start()
    assert len(attempts) == 2
    machines.close()


def test_reap_of_a_home_that_never_was_does_nothing(tmp_path: Path) -> None:
    reap(tmp_path)
    assert list(tmp_path.iterdir()) == []
