"""``QemuMachines``: the machines of one sandbox."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from hpcctl.errors import SandboxError
from hpcctl.sandbox.machines import qemu
from hpcctl.sandbox.machines.disks import Volumes, drive_name
from hpcctl.sandbox.machines.host import fitting_processors, has_kvm, require_memory
from hpcctl.sandbox.machines.machine import Machine
from hpcctl.sandbox.machines.network import Switches, runtime_folder
from hpcctl.sandbox.machines.process import Launcher
from hpcctl.sandbox.machines.reap import reap, remove_disks
from hpcctl.sandbox.machines.starter import Starter
from hpcctl.sandbox.machines.stock import Stock
from hpcctl.sandbox.model import Disk, Exited, MachineSpec

__all__ = ["QemuMachines", "reap"]


@dataclass(kw_only=True)
class _Place:
    """What the fleet knows of one instance; its lock is held by whoever changes it."""

    folder: Path
    lock: threading.RLock = field(default_factory=threading.RLock)
    spec: MachineSpec | None = None
    machine: Machine | None = None

    def running(self) -> Machine | None:
        return self.machine if self.machine is not None and self.machine.alive else None


class QemuMachines:
    """Implements ``Machines``. ``cold_boot``: boot the image with the distribution's own cloud-init."""

    def __init__(
        self,
        home: Path,
        *,
        cold_boot: bool = False,
        exited: Exited | None = None,
        cpus: int | None = None,
        memory_mib: int = 1024,
    ) -> None:
        self._home = home
        self._exited = exited or (lambda instance_id: None)
        self._launcher = Launcher()
        self._switches = Switches(runtime_folder(home), self._launcher)
        self._volumes = Volumes(home / "sandbox" / "volumes")
        engine = qemu.Engine(kvm=has_kvm(), cpus=cpus or fitting_processors(), memory_mib=memory_mib)
        self._stock = Stock(home, engine, cold_boot=cold_boot)
        self._starter = Starter(
            engine=engine,
            cold_boot=cold_boot,
            launcher=self._launcher,
            switches=self._switches,
            volumes=self._volumes,
        )
        self._places: dict[str, _Place] = {}
        self._lock = threading.Lock()
        self._closed = False

    def prepare(self, say: Callable[[str], None]) -> None:
        """Make the image and the saved boot if they are missing."""
        self._stock.parts(say)

    def start(self, spec: MachineSpec) -> None:
        """Wake a machine up from the saved boot, or boot it from its own disk."""
        parts = self._stock.parts(lambda text: None)
        place = self._place(spec.instance_id)
        with place.lock:
            self._refuse_when_closed()
            if place.running() is not None:
                return
            require_memory(self._starter.engine.memory_mib)
            first = not (place.folder / "root.qcow2").exists()
            try:
                place.machine = self._starter.start(place.folder, spec, parts)
            except BaseException:
                if first:
                    shutil.rmtree(place.folder, ignore_errors=True)
                raise
            place.spec = spec
            place.machine.watch(lambda: self._exited(spec.instance_id))

    def stop(self, instance_id: str, *, force: bool = False) -> None:
        """ACPI power button, or the plug."""
        with self._changing(instance_id) as place:
            machine = place.running()
            if machine is not None:
                machine.kill() if force else machine.power_off()
            place.machine = None

    def reboot(self, instance_id: str) -> None:
        """Shut the system down and boot it again in the same process."""
        with self._changing(instance_id) as place:
            machine = place.running()
            if machine is None:
                raise SandboxError(f"{instance_id} does not run, so it cannot be rebooted")
            machine.restart()

    def terminate(self, instance_id: str) -> None:
        """End the process, remove root disk and console."""
        with self._changing(instance_id) as place:
            if place.machine is not None:
                place.machine.kill()
                place.machine = None
            shutil.rmtree(place.folder, ignore_errors=True)
        with self._lock:
            self._places.pop(instance_id, None)

    def attach(self, instance_id: str, disk: Disk) -> None:
        """Plug a volume in."""
        file = self._volumes.ensure(disk)
        with self._changing(instance_id) as place:
            machine = place.running()
            if machine is not None:
                machine.plug(drive_name(disk.volume_id), file)

    def detach(self, instance_id: str, volume_id: str) -> None:
        """Unplug a volume; its content stays."""
        with self._changing(instance_id) as place:
            machine = place.running()
            if machine is not None:
                machine.unplug(drive_name(volume_id))

    def delete_volume(self, volume_id: str) -> None:
        """Remove a volume's file."""
        self._volumes.delete(volume_id)

    def snapshot(self, volume_id: str, snapshot_id: str) -> None:
        """Keep what the volume holds now, as after pulling the plug."""
        self._volumes.snapshot(volume_id, snapshot_id)

    def delete_snapshot(self, snapshot_id: str) -> None:
        """Remove it."""
        self._volumes.delete(snapshot_id)

    def set_public_ip(self, instance_id: str, public_ip: str | None) -> None:
        """Move the machine's SSH to another address."""
        with self._changing(instance_id) as place:
            machine, spec = place.running(), place.spec
            if machine is None or spec is None or spec.public_ip == public_ip:
                return
            old = (spec.public_ip, spec.ssh_port) if spec.public_ip else None
            machine.forward(old, (public_ip, spec.ssh_port) if public_ip else None)
            place.spec = replace(spec, public_ip=public_ip)

    def console(self, instance_id: str) -> bytes:
        """All that the serial console has shown since the machine was made."""
        try:
            return (self._folder(instance_id) / "console.log").read_bytes()
        except OSError:
            return b""

    def close(self) -> None:
        """End every process and network; remove every disk."""
        self._closed = True
        with self._lock:
            known = list(self._places)
        for instance_id in known:
            self.terminate(instance_id)
        self._switches.close()
        self._launcher.close()
        remove_disks(self._home)

    def _place(self, instance_id: str) -> _Place:
        with self._lock:
            self._refuse_when_closed()
            return self._places.setdefault(instance_id, _Place(folder=self._folder(instance_id)))

    @contextmanager
    def _changing(self, instance_id: str) -> Iterator[_Place]:
        """The instance's place, locked; a new one where the instance is not known."""
        with self._lock:
            place = self._places.get(instance_id) or _Place(folder=self._folder(instance_id))
        with place.lock:
            yield place

    def _folder(self, instance_id: str) -> Path:
        return self._home / "sandbox" / "machines" / instance_id

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise SandboxError("the sandbox is going down")
