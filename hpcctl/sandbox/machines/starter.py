"""From an instance to a running machine: disks, network and hardware put together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from hpcctl.errors import SandboxError
from hpcctl.sandbox.machines import qemu
from hpcctl.sandbox.machines.disks import IMAGE_GIB, Volumes, drive_name, grow_overlay, make_overlay
from hpcctl.sandbox.machines.image import Image
from hpcctl.sandbox.machines.machine import Machine, Wake, launch
from hpcctl.sandbox.machines.network import Switches
from hpcctl.sandbox.machines.process import Launcher
from hpcctl.sandbox.machines.savedboot import KERNEL_WORDS, SavedBoot
from hpcctl.sandbox.machines.stock import Parts
from hpcctl.sandbox.model import MachineSpec


@dataclass(frozen=True, kw_only=True)
class Starter:
    """Starts machines: woken up from the saved boot the first time, booted from their own disk afterwards."""

    engine: qemu.Engine
    cold_boot: bool
    launcher: Launcher
    switches: Switches
    volumes: Volumes

    def start(self, folder: Path, spec: MachineSpec, parts: Parts) -> Machine:
        """Start the machine of this folder, which is made if it is new."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        root = folder / "root.qcow2"
        if root.exists() or parts.boot is None:
            return self._boot(root, spec, parts)
        return self._wake(root, spec, parts, parts.boot)

    def _boot(self, root: Path, spec: MachineSpec, parts: Parts) -> Machine:
        """Boot from the machine's own disk, all volumes in place."""
        if not root.exists():
            make_overlay(root, base=parts.image.root, base_format="raw")
        grow_overlay(root, gib=_root_gib(spec))
        hardware = self._hardware(root, spec, parts.image)
        return launch(replace(hardware, drives=self._drives(spec)), self.launcher)

    def _wake(self, root: Path, spec: MachineSpec, parts: Parts, boot: SavedBoot) -> Machine:
        """Load the saved boot; volumes come after it, because it knows none."""
        make_overlay(root, base=boot.disk, base_format="qcow2")
        memory = qemu.Memory(file=boot.memory, shared=False)
        hardware = replace(self._hardware(root, spec, parts.image), memory=memory, restore=True)
        machine = launch(hardware, self.launcher)
        try:
            machine.restore(boot.devices, root_gib=_root_gib(spec), wake=Wake(mac=spec.private.mac))
            for drive in self._drives(spec):
                machine.plug(drive.name, drive.file)
        except BaseException:
            machine.kill()
            raise
        return machine

    def _hardware(self, root: Path, spec: MachineSpec, image: Image) -> qemu.Hardware:
        outer = qemu.OuterCard(
            metadata_socket=spec.metadata_socket,
            api_socket=spec.api_socket,
            public_ip=spec.public_ip,
            ssh_port=spec.ssh_port,
        )
        switch = self.switches.ensure(spec.private.vpc_id)
        words = KERNEL_WORDS if self.cold_boot else f"{KERNEL_WORDS} cloud-init=disabled"
        return qemu.Hardware(
            name=spec.instance_id,
            engine=self.engine,
            kernel=image.boot(words),
            root=root,
            console=root.parent / "console.log",
            outer=outer if spec.connected else None,
            private=qemu.PrivateCard(mac=spec.private.mac, switch=switch) if spec.connected else None,
        )

    def _drives(self, spec: MachineSpec) -> tuple[qemu.Drive, ...]:
        if len(spec.disks) > len(qemu.DISK_SLOTS):
            raise SandboxError(f"a machine of the sandbox takes {len(qemu.DISK_SLOTS)} volumes at most")
        return tuple(
            qemu.Drive(
                name=drive_name(disk.volume_id),
                file=self.volumes.ensure(disk),
                slot=slot,
            )
            for disk, slot in zip(spec.disks, qemu.DISK_SLOTS, strict=False)
        )


def _root_gib(spec: MachineSpec) -> int:
    return max(spec.root_gib, IMAGE_GIB)
