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
from hpcctl.sandbox.machines.disks import IMAGE_GIB, Volumes, drive_name, grow_overlay, make_overlay
from hpcctl.sandbox.machines.host import has_kvm, require_memory, require_programs
from hpcctl.sandbox.machines.image import Image, Images
from hpcctl.sandbox.machines.machine import Machine, Wake, launch
from hpcctl.sandbox.machines.network import Switches, reap_switches, runtime_folder
from hpcctl.sandbox.machines.process import Launcher, kill_recorded
from hpcctl.sandbox.machines.savedboot import KERNEL_WORDS, SavedBoot, ensure_saved_boot
from hpcctl.sandbox.model import Disk, Exited, MachineSpec


@dataclass(kw_only=True)
class _Place:
    """What the fleet knows of one instance; its lock is held by whoever changes it."""

    folder: Path
    lock: threading.RLock = field(default_factory=threading.RLock)
    spec: MachineSpec | None = None
    machine: Machine | None = None

    def running(self) -> Machine | None:
        return self.machine if self.machine is not None and self.machine.alive else None


@dataclass(frozen=True, kw_only=True)
class _Ready:
    """What machines are made of: the image, and the saved boot unless they boot cold."""

    image: Image
    boot: SavedBoot | None


class QemuMachines:
    """Implements ``Machines``. ``cold_boot``: boot the image with the distribution's own cloud-init."""

    def __init__(
        self,
        home: Path,
        *,
        cold_boot: bool = False,
        exited: Exited | None = None,
        cpus: int = 2,
        memory_mib: int = 1024,
    ) -> None:
        self._home = home
        self._cold_boot = cold_boot
        self._exited = exited or (lambda instance_id: None)
        self._engine = qemu.Engine(kvm=has_kvm(), cpus=cpus, memory_mib=memory_mib)
        self._launcher = Launcher()
        self._switches = Switches(runtime_folder(home), self._launcher)
        self._volumes = Volumes(home / "sandbox" / "volumes")
        self._places: dict[str, _Place] = {}
        self._lock = threading.Lock()
        self._preparing = threading.Lock()
        self._failed = 0
        self._failure: SandboxError | None = None
        self._ready: _Ready | None = None
        self._closed = False

    def prepare(self, say: Callable[[str], None]) -> None:
        """Make the image and the saved boot if they are missing."""
        self._made_ready(say)

    def start(self, spec: MachineSpec) -> None:
        """Wake a machine up from the saved boot, or boot it from its own disk."""
        ready = self._made_ready(lambda text: None)
        place = self._place(spec.instance_id)
        with place.lock:
            self._refuse_when_closed()
            if place.running() is not None:
                return
            require_memory(self._engine.memory_mib)
            first = not (place.folder / "root.qcow2").exists()
            try:
                place.machine = self._launch(place.folder, spec, ready, first=first)
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
        file = self._volumes.ensure(disk.volume_id, disk.gib)
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

    def _launch(self, folder: Path, spec: MachineSpec, ready: _Ready, *, first: bool) -> Machine:
        """Put the parts together and start them."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        boot = ready.boot if first else None
        root = folder / "root.qcow2"
        if boot:
            make_overlay(root, base=boot.disk, base_format="qcow2")
        elif first:
            make_overlay(root, base=ready.image.root, base_format="raw")
        if boot is None:
            grow_overlay(root, gib=max(spec.root_gib, IMAGE_GIB))
        words = KERNEL_WORDS if self._cold_boot else f"{KERNEL_WORDS} cloud-init=disabled"
        drives = self._drives(spec)
        switch = self._switches.ensure(spec.private.vpc_id)

        def hardware(control: int) -> qemu.Hardware:
            return qemu.Hardware(
                name=spec.instance_id,
                engine=self._engine,
                kernel=ready.image.boot(words),
                root=root,
                console=folder / "console.log",
                control=control,
                memory=qemu.Memory(file=boot.memory, shared=False) if boot else None,
                outer=qemu.OuterCard(
                    metadata_socket=spec.metadata_socket,
                    api_socket=spec.api_socket,
                    public_ip=spec.public_ip,
                    ssh_port=spec.ssh_port,
                ),
                private=qemu.PrivateCard(mac=spec.private.mac, switch=switch),
                drives=() if boot else drives,
                restore=boot is not None,
            )

        machine = launch(hardware, folder, self._launcher)
        if boot is not None:
            self._wake(machine, boot, spec, drives)
        return machine

    def _wake(
        self, machine: Machine, boot: SavedBoot, spec: MachineSpec, drives: tuple[qemu.Drive, ...]
    ) -> None:
        """Load the saved boot; disks come after it, because it knows none."""
        try:
            machine.restore(
                boot.devices, root_gib=max(spec.root_gib, IMAGE_GIB), wake=Wake(mac=spec.private.mac)
            )
            for drive in drives:
                machine.plug(drive.name, drive.file)
        except BaseException:
            machine.kill()
            raise

    def _drives(self, spec: MachineSpec) -> tuple[qemu.Drive, ...]:
        return tuple(
            qemu.Drive(
                name=drive_name(disk.volume_id),
                file=self._volumes.ensure(disk.volume_id, disk.gib),
                slot=slot,
            )
            for disk, slot in zip(spec.disks, qemu.DISK_SLOTS, strict=False)
        )

    def _made_ready(self, say: Callable[[str], None]) -> _Ready:
        """The parts machines are made of. Whoever waits for an attempt shares its failure; the next tries anew."""
        seen = self._failed
        with self._preparing:
            if self._ready is None:
                if self._failure is not None and self._failed != seen:
                    raise self._failure
                try:
                    self._ready = self._make_ready(say)
                except SandboxError as error:
                    self._failure, self._failed = error, self._failed + 1
                    raise
            return self._ready

    def _make_ready(self, say: Callable[[str], None]) -> _Ready:
        require_programs()
        images = Images(self._home)
        with images.lock():
            image = images.ensure(say)
            boot = None if self._cold_boot else ensure_saved_boot(image, self._engine, say)
        return _Ready(image=image, boot=boot)

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


def remove_disks(home: Path) -> None:
    """Remove the folders of all machines and volumes."""
    for name in ("machines", "volumes"):
        shutil.rmtree(home / "sandbox" / name, ignore_errors=True)


def reap(home: Path) -> None:
    """Remove what a dead service of this home has left: processes, switches, sockets, disks."""
    machines = home / "sandbox" / "machines"
    if machines.is_dir():
        for folder in machines.iterdir():
            kill_recorded(folder)
    reap_switches(home)
    remove_disks(home)
    Images(home).sweep()
