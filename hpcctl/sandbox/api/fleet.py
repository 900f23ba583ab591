"""Instances as machines: the API decides, a worker carries it out, the state follows the machine.

Each instance has a queue of its own, so that what was asked of it happens in that order while others go on.
``lock`` guards moto's records; it is never held while a machine is worked on.
"""

from __future__ import annotations

import ipaddress
import logging
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moto.core.utils import utcnow
from moto.ec2.models.instances import InstanceState, StateReason

from hpcctl.errors import SandboxError
from hpcctl.sandbox.api import records
from hpcctl.sandbox.api.http import Listener, listen_on_socket
from hpcctl.sandbox.api.identity import identity_of
from hpcctl.sandbox.api.metadata import MetadataService
from hpcctl.sandbox.api.preparation import Preparation
from hpcctl.sandbox.faults import Fault, FaultBook, FaultKind
from hpcctl.sandbox.model import Address, Disk, Machines, MachineSpec

_LOG = logging.getLogger(__name__)
Job = Callable[[], None]


class Fleet:
    """All instances of the sandbox, in whatever region."""

    def __init__(self, machines: Machines, *, faults: FaultBook, sockets: Path, ssh_port: int) -> None:
        self.lock = threading.RLock()
        self.faults = faults
        self.ssh_port = ssh_port
        self.preparation = Preparation(machines)
        self._machines = machines
        self._sockets = sockets
        self._instances: dict[str, Any] = {}
        self._jobs: dict[str, deque[Job]] = {}
        self._services: dict[str, Listener] = {}

    def launch(self, instance: Any, *, previous: str = "terminated") -> None:
        """``instance`` is pending; its machine starts. If it cannot, the instance becomes ``previous``."""
        _set(instance, "pending")
        instance.launch_time = utcnow()
        self._instances[instance.id] = instance
        self._do(instance, lambda: self._start(instance, previous))

    def stop(self, instance: Any, *, force: bool = False) -> None:
        """``instance`` is stopping, then stopped; its disks stay."""
        _set(instance, "stopping")
        self._do(instance, lambda: self._stop(instance, force))

    def reboot(self, instance: Any) -> None:
        """The system restarts; the instance is running all the time."""
        self._do(instance, lambda: self._machines.reboot(instance.id))

    def terminate(self, instance: Any) -> None:
        """``instance`` is shutting down, then terminated; what belongs to it alone is deleted."""
        _set(instance, "shutting-down")
        instance.state_reason = _BY_USER
        self._do(instance, lambda: self._terminate(instance))

    def attach(self, instance: Any, attachment: Any) -> None:
        """The volume is attaching, then attached (a stopped machine finds it at its next start)."""
        attachment.status = "attaching"
        disk = Disk(volume_id=attachment.volume.id, gib=int(attachment.volume.size))
        self._do(instance, lambda: self._attach(instance, attachment, disk))

    def detach(self, instance: Any, attachment: Any, done: Job) -> None:
        """The volume is detaching; ``done`` is called with the lock held when it is out."""
        attachment.status = "detaching"
        self._do(instance, lambda: self._detach(instance, attachment.volume.id, done))

    def delete_volume(self, volume_id: str) -> None:
        """Remove what was written to a volume."""
        self._machines.delete_volume(volume_id)

    def readdress(self, instance: Any) -> None:
        """The public address has changed (an Elastic IP came or went)."""
        address = instance.nics[0].public_ip
        self._do(instance, lambda: self._machines.set_public_ip(instance.id, address))

    def console(self, instance_id: str) -> bytes:
        """What the serial console has shown."""
        return self._machines.console(instance_id)

    def exited(self, instance_id: str) -> None:
        """A machine has ended by itself: power-off from inside, or a crash."""
        instance = self._instances.get(instance_id)
        with self.lock:
            if instance is None or instance.state not in ("running", "pending"):
                return
            instance.state_reason = StateReason(
                "Client.InstanceInitiatedShutdown: Instance initiated shutdown",
                "Client.InstanceInitiatedShutdown",
            )
            if instance.instance_initiated_shutdown_behavior == "terminate":
                self.terminate(instance)
            else:
                _set(instance, "stopped")
                records.leave_addresses(instance)

    def kill(self, instance_id: str) -> bool:
        """Pull the plug of a running machine, as a fault. False if there is no such instance."""
        if instance_id not in self._instances:
            return False
        self._machines.stop(instance_id, force=True)
        self.exited(instance_id)
        return True

    def counts(self) -> dict[str, int]:
        """How many instances are in each state."""
        states = [instance.state for instance in list(self._instances.values())]
        return {state: states.count(state) for state in sorted(set(states))}

    def close(self) -> None:
        """End all machines; forget everything."""
        self._machines.close()
        for service in self._services.values():
            service.close()

    def _do(self, instance: Any, job: Job) -> None:
        with self.lock:
            jobs = self._jobs.setdefault(instance.id, deque())
            jobs.append(job)
            if len(jobs) == 1:
                threading.Thread(
                    target=self._work, args=(instance, jobs), name=instance.id, daemon=True
                ).start()

    def _work(self, instance: Any, jobs: deque[Job]) -> None:
        while True:
            try:
                jobs[0]()
            except SandboxError as error:
                _LOG.error("%s: %s (%s)", instance.id, error.message, error.hint)
            except Exception:  # one instance's misfortune must not end the others' service
                _LOG.exception("%s", instance.id)
            with self.lock:
                jobs.popleft()
                if not jobs:
                    return

    def _start(self, instance: Any, previous: str) -> None:
        if not self.preparation.wait(lambda: instance.state == "pending"):
            return
        try:
            self._start_machine(instance)
        except SandboxError as error:
            _LOG.error("%s does not start: %s (%s)", instance.id, error.message, error.hint)
            self._abandon(instance, previous, error.message)
            return
        with self.lock:
            if instance.state == "pending":
                _set(instance, "running")

    def _start_machine(self, instance: Any) -> None:
        event = {"zone": instance.placement.zone, "instance_type": instance.instance_type}
        if self.faults.happens(Fault(kind=FaultKind.FAILS_TO_START, **event)):
            raise SandboxError("it was asked to fail")
        if self.faults.happens(Fault(kind=FaultKind.NEVER_BOOTS, **event)):
            return
        with self.lock:
            spec = self._spec(instance)
        if instance.id not in self._services:
            service = MetadataService(lambda: self._identity(instance))
            self._services[instance.id] = listen_on_socket(spec.metadata_socket, service)
        self._machines.start(spec)

    def _identity(self, instance: Any) -> Any:
        with self.lock:
            return identity_of(instance)

    def _abandon(self, instance: Any, previous: str, why: str) -> None:
        if previous == "terminated":
            self._terminate(instance)
        with self.lock:
            _set(instance, previous)
            instance.state_reason = StateReason(f"Server.InternalError: {why}", "Server.InternalError")

    def _stop(self, instance: Any, force: bool) -> None:
        try:
            self._machines.stop(instance.id, force=force)
        finally:
            with self.lock:
                if instance.state == "stopping":
                    _set(instance, "stopped")
                    instance.state_reason = _BY_USER
                    records.leave_addresses(instance)

    def _terminate(self, instance: Any) -> None:
        try:
            self._machines.terminate(instance.id)
            service = self._services.pop(instance.id, None)
            if service:
                service.close()
        finally:
            with self.lock:
                gone = records.release(instance)
                _set(instance, "terminated")
        for volume_id in gone:
            self._machines.delete_volume(volume_id)

    def _attach(self, instance: Any, attachment: Any, disk: Disk) -> None:
        if instance.state == "running":
            self._machines.attach(instance.id, disk)
        with self.lock:
            attachment.status = "attached"

    def _detach(self, instance: Any, volume_id: str, done: Job) -> None:
        try:
            if instance.state == "running":
                self._machines.detach(instance.id, volume_id)
        finally:
            with self.lock:
                done()

    def _spec(self, instance: Any) -> MachineSpec:
        nic = instance.nics[0]
        vpc = instance.ec2_backend.get_vpc(nic.subnet.vpc_id)
        network = ipaddress.ip_network(vpc.cidr_block)
        root, disks = records.disks(instance)
        address = Address(
            vpc_id=vpc.id, mac=nic.mac_address, ip=nic.private_ip_address, prefix_length=network.prefixlen
        )
        return MachineSpec(
            instance_id=instance.id,
            image_id=instance.image_id,
            root_gib=root,
            private=address,
            metadata_socket=self._sockets / f"{instance.id}.imds",
            api_socket=self._sockets / "api",
            public_ip=nic.public_ip,
            ssh_port=self.ssh_port,
            disks=disks,
        )


_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
_BY_USER = StateReason(
    "Client.UserInitiatedShutdown: User initiated shutdown", "Client.UserInitiatedShutdown"
)


def _set(instance: Any, state: str) -> None:
    instance._state = InstanceState(state, _CODES[state])
    if state in ("pending", "running"):
        instance._reason, instance.state_reason = "", StateReason()
    elif state in ("stopping", "shutting-down"):
        instance._reason = f"User initiated ({utcnow():%Y-%m-%d %H:%M:%S} GMT)"
