"""Machines that only say what was asked of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hpcctl.errors import SandboxError
from hpcctl.sandbox.model import Disk, MachineSpec


@dataclass
class ToldMachines:
    """Implements ``Machines``. ``gate`` holds starts back; ``broken`` makes them fail."""

    calls: list[tuple[Any, ...]] = field(default_factory=list)
    specs: dict[str, MachineSpec] = field(default_factory=dict)
    gate: threading.Event = field(default_factory=threading.Event)
    image: threading.Event = field(default_factory=threading.Event)
    broken: str = ""

    def __post_init__(self) -> None:
        self.gate.set()
        self.image.set()

    def prepare(self, say: Callable[[str], None]) -> None:
        say("baking")
        self.image.wait()

    def start(self, spec: MachineSpec) -> None:
        self.gate.wait()
        if self.broken:
            raise SandboxError(self.broken)
        self.specs[spec.instance_id] = spec
        self.calls.append(("start", spec.instance_id))

    def stop(self, instance_id: str, *, force: bool = False) -> None:
        self.calls.append(("stop", instance_id, force))

    def reboot(self, instance_id: str) -> None:
        self.calls.append(("reboot", instance_id))

    def terminate(self, instance_id: str) -> None:
        self.calls.append(("terminate", instance_id))

    def attach(self, instance_id: str, disk: Disk) -> None:
        self.calls.append(("attach", instance_id, disk))

    def detach(self, instance_id: str, volume_id: str) -> None:
        self.calls.append(("detach", instance_id, volume_id))

    def snapshot(self, volume_id: str, snapshot_id: str) -> None:
        self.calls.append(("snapshot", volume_id, snapshot_id))

    def delete_snapshot(self, snapshot_id: str) -> None:
        self.calls.append(("delete_snapshot", snapshot_id))

    def delete_volume(self, volume_id: str) -> None:
        self.calls.append(("delete_volume", volume_id))

    def set_public_ip(self, instance_id: str, public_ip: str | None) -> None:
        self.calls.append(("set_public_ip", instance_id, public_ip))

    def console(self, instance_id: str) -> bytes:
        return b"login: \xff"

    def close(self) -> None:
        self.calls.append(("close",))
