"""Instances as machines: the API decides, a worker carries it out, the state follows the machine.

``lock`` guards moto's records; it is never held while a machine is worked on.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import Any

from moto.core.utils import utcnow

from hpcctl.errors import SandboxError
from hpcctl.sandbox.api import ends, records
from hpcctl.sandbox.api.connect import SentKeys
from hpcctl.sandbox.api.identity import Identity, identity_of
from hpcctl.sandbox.api.preparation import Preparation
from hpcctl.sandbox.api.queues import Job, Queues
from hpcctl.sandbox.api.sockets import Sockets
from hpcctl.sandbox.api.spot import closed, ends_when_off, is_spot
from hpcctl.sandbox.api.states import BY_ITSELF, failed, set_state
from hpcctl.sandbox.faults import Fault, FaultBook, FaultKind
from hpcctl.sandbox.model import Disk, Machines

_LOG = logging.getLogger(__name__)


class Fleet:
    """All instances of the sandbox, in whatever region."""

    def __init__(self, machines: Machines, *, faults: FaultBook, sockets: Sockets, ssh_port: int) -> None:
        self.lock = threading.RLock()
        self.faults = faults
        self.preparation = Preparation(machines)
        self.machines = machines
        self.sent_keys = SentKeys()
        self._sockets = sockets
        self._ssh_port = ssh_port
        self._instances: dict[str, Any] = {}
        self._queues = Queues()

    def launch(self, instance: Any, *, previous: str = "terminated") -> None:
        """``instance`` is pending; its machine starts. If it cannot, the instance becomes ``previous``."""
        set_state(instance, "pending")
        instance.launch_time = utcnow()
        self._instances[instance.id] = instance
        self._queues.add(instance.id, lambda: self._start(instance, previous))

    def stop(self, instance: Any, *, force: bool = False) -> None:
        """``instance`` is stopping, then stopped; its disks stay."""
        set_state(instance, "stopping")
        self._queues.add(instance.id, lambda: self._stop(instance, force))

    def reboot(self, instance: Any) -> None:
        """The system restarts; the instance is running all the time."""
        self._queues.add(instance.id, lambda: self.machines.reboot(instance.id))

    def terminate(self, instance: Any) -> None:
        """``instance`` is shutting down, then terminated; what belongs to it alone is deleted."""
        set_state(instance, "shutting-down")
        closed(instance)
        self._queues.add(instance.id, lambda: self._terminate(instance))

    def attach(self, instance: Any, attachment: Any) -> None:
        """The volume is attaching, then attached (a stopped machine finds it at its next start)."""
        attachment.status = "attaching"
        disk = records.disk_of(attachment.volume)
        self._queues.add(instance.id, lambda: self._attach(instance, attachment, disk))

    def detach(self, instance: Any, attachment: Any, done: Job) -> None:
        """The volume is detaching; ``done`` is called with the lock held when it is out."""
        attachment.status = "detaching"
        self._queues.add(instance.id, lambda: self._detach(instance, attachment.volume.id, done))

    def readdress(self, instance: Any) -> None:
        """The public address has changed (an Elastic IP came or went)."""
        address = instance.nics[0].public_ip
        self._queues.add(instance.id, lambda: self.machines.set_public_ip(instance.id, address))

    def exited(self, instance_id: str) -> None:
        """A machine has ended by itself: power-off from inside, or a crash."""
        instance = self._instances.get(instance_id)
        with self.lock:
            if instance is None or instance.state not in ("running", "pending"):
                return
            if instance.instance_initiated_shutdown_behavior == "terminate" or ends_when_off(instance):
                self.terminate(instance)
            else:
                set_state(instance, "stopped")
                records.leave_addresses(instance)
            instance.state_reason = BY_ITSELF

    def instance(self, instance_id: str) -> Any:
        """Moto's record of it, or None."""
        return self._instances.get(instance_id)

    def forget(self, instance_id: str) -> None:
        """It was terminated long ago."""
        self._instances.pop(instance_id, None)

    def counts(self) -> dict[str, int]:
        """How many instances are in each state."""
        states = [instance.state for instance in list(self._instances.values())]
        return {state: states.count(state) for state in sorted(set(states))}

    def close(self) -> None:
        """End all machines; forget everything."""
        self.machines.close()
        self._sockets.close_all()

    def _start(self, instance: Any, previous: str) -> None:
        try:
            if not self.preparation.wait(lambda: instance.state == "pending"):
                return
            self._start_machine(instance)
        except SandboxError as error:
            _LOG.error("%s does not start: %s (%s)", instance.id, error.message, error.hint)
            self._abandon(instance, previous, error.message)
            return
        with self.lock:
            if instance.state == "pending":
                set_state(instance, "running")

    def _start_machine(self, instance: Any) -> None:
        with self.lock:
            event = _circumstances(instance)
        if self.faults.happens(replace(event, kind=FaultKind.FAILS_TO_START)):
            raise SandboxError("it was asked to fail")
        if self.faults.happens(replace(event, kind=FaultKind.NEVER_BOOTS)):
            return
        connected = not self.faults.happens(replace(event, kind=FaultKind.NO_NETWORK))

        def identity() -> Identity:
            with self.lock:
                return identity_of(instance)

        with self.lock:
            spec = records.machine_spec(instance, self._sockets, ssh_port=self._ssh_port)
        self._sockets.open(instance.id, identity)
        self.machines.start(replace(spec, connected=connected))
        ends.doom(self, instance.id, self.faults.take(replace(event, kind=FaultKind.DIES)))
        if is_spot(instance):
            ends.doom(self, instance.id, self.faults.take(replace(event, kind=FaultKind.INTERRUPTED)))

    def _abandon(self, instance: Any, previous: str, why: str) -> None:
        if previous == "terminated":
            self._terminate(instance)
        with self.lock:
            set_state(instance, previous)
            instance.state_reason = failed(why)

    def _stop(self, instance: Any, force: bool) -> None:
        try:
            self.machines.stop(instance.id, force=force)
        finally:
            with self.lock:
                if instance.state == "stopping":
                    set_state(instance, "stopped")
                    records.leave_addresses(instance)

    def _terminate(self, instance: Any) -> None:
        try:
            self.machines.terminate(instance.id)
            self._sockets.close(instance.id)
        finally:
            with self.lock:
                gone = records.release(instance)
                set_state(instance, "terminated")
        for volume_id in gone:
            self.machines.delete_volume(volume_id)

    def _attach(self, instance: Any, attachment: Any, disk: Disk) -> None:
        if instance.state == "running":
            self.machines.attach(instance.id, disk)
        with self.lock:
            attachment.status = "attached"

    def _detach(self, instance: Any, volume_id: str, done: Job) -> None:
        try:
            if instance.state == "running":
                self.machines.detach(instance.id, volume_id)
        finally:
            with self.lock:
                done()


def _circumstances(instance: Any) -> Fault:
    """What the conditions of a fault are compared with when this instance starts; of no kind in particular."""
    return Fault(
        kind=FaultKind.NEVER_BOOTS,
        zone=instance.placement.zone,
        instance_type=instance.instance_type,
        node=records.node_of(instance),
    )
