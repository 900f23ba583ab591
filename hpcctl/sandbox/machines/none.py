"""No machines at all: the API alone, for measuring and for tests of scale."""

from __future__ import annotations

from collections.abc import Callable

from hpcctl.sandbox.model import Disk, MachineSpec


class NoMachines:
    """Implements ``Machines``; every instance runs at once, and nothing runs."""

    def prepare(self, say: Callable[[str], None]) -> None:
        """Nothing to make."""

    def start(self, spec: MachineSpec) -> None:
        """Done at once."""

    def stop(self, instance_id: str, *, force: bool = False) -> None:
        """Done at once."""

    def reboot(self, instance_id: str) -> None:
        """Done at once."""

    def terminate(self, instance_id: str) -> None:
        """Done at once."""

    def attach(self, instance_id: str, disk: Disk) -> None:
        """Done at once."""

    def detach(self, instance_id: str, volume_id: str) -> None:
        """Done at once."""

    def delete_volume(self, volume_id: str) -> None:
        """Done at once."""

    def snapshot(self, volume_id: str, snapshot_id: str) -> None:
        """Done at once."""

    def delete_snapshot(self, snapshot_id: str) -> None:
        """Done at once."""

    def set_public_ip(self, instance_id: str, public_ip: str | None) -> None:
        """Done at once."""

    def console(self, instance_id: str) -> bytes:
        """An empty console."""
        return b""

    def close(self) -> None:
        """Nothing to end."""
