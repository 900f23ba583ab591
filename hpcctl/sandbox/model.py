"""The seam between the sandbox's API and its machines: what the API asks for, and what it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Disk:
    """An EBS volume: a file of ``gib`` GiB, known inside the machine by its id (the disk's serial number).

    It begins with what ``snapshot_id`` holds, if it is made from a snapshot.
    """

    volume_id: str
    gib: int
    snapshot_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Address:
    """What a machine's private card is: in the VPC's network, not only in its subnet."""

    vpc_id: str
    mac: str
    ip: str
    prefix_length: int


@dataclass(frozen=True, kw_only=True)
class MachineSpec:
    """One instance as a machine. ``public_ip`` is a loopback address; SSH answers there on ``ssh_port``.

    ``metadata_socket`` and ``api_socket`` are unix sockets of the service: inside the machine they answer as
    http://169.254.169.254 (its own metadata) and as the API at the address ``NODE_ENDPOINT``. A machine that is
    not ``connected`` has its cards, and they lead nowhere.
    """

    instance_id: str
    image_id: str
    root_gib: int
    private: Address
    metadata_socket: Path
    api_socket: Path
    public_ip: str | None
    ssh_port: int
    disks: tuple[Disk, ...] = ()
    connected: bool = True


NODE_ENDPOINT = "http://169.254.169.253"
"""The sandbox's API as its machines reach it (link-local, as the metadata service is)."""

Exited = Callable[[str], None]
"""Called with the instance id when a machine's process has ended by itself (power-off inside, or a crash)."""


class Machines(Protocol):
    """Instances as processes. Calls block until done, may come from many threads, and raise SandboxError.

    Stop keeps the disks, terminate removes everything. Every call is safe to repeat.
    """

    def prepare(self, say: Callable[[str], None]) -> None:
        """Make the image and the saved boot if they are missing; ``say`` is told what is happening."""

    def start(self, spec: MachineSpec) -> None:
        """First boot, or boot again with the same disks. Returns when the machine runs (not: answers SSH)."""

    def stop(self, instance_id: str, *, force: bool = False) -> None:
        """ACPI power button (``force``: the plug), wait for the process to end; the disks stay."""

    def reboot(self, instance_id: str) -> None:
        """Ask the system to restart; the process stays."""

    def terminate(self, instance_id: str) -> None:
        """End the process, remove root disk and console. Volumes are removed by ``delete_volume``."""

    def attach(self, instance_id: str, disk: Disk) -> None:
        """Plug a volume in; live if the machine runs."""

    def detach(self, instance_id: str, volume_id: str) -> None:
        """Unplug a volume; its content stays."""

    def delete_volume(self, volume_id: str) -> None:
        """Remove a volume's file."""

    def snapshot(self, volume_id: str, snapshot_id: str) -> None:
        """Keep what the volume holds now."""

    def delete_snapshot(self, snapshot_id: str) -> None:
        """Remove it. Volumes that were made from it have their own copy."""

    def set_public_ip(self, instance_id: str, public_ip: str | None) -> None:
        """Forward SSH from this loopback address from now on (an Elastic IP came or went)."""

    def console(self, instance_id: str) -> bytes:
        """All that the serial console has shown."""

    def close(self) -> None:
        """End every process and network; remove every disk. Nothing is left."""
