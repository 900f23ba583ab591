"""One running machine: its QEMU, and what can be asked of it."""

from __future__ import annotations

import contextlib
import secrets
import selectors
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hpcctl.errors import SandboxError
from hpcctl.sandbox.machines import process, qemu
from hpcctl.sandbox.machines.host import program
from hpcctl.sandbox.machines.process import Launch, Launcher
from hpcctl.sandbox.machines.qmp import Qmp, QmpError

_LOAD_SECONDS = 120
_SAVE_SECONDS = 120
_POWER_OFF_SECONDS = 90
_PLUG_SECONDS = 60
_PRESS_AGAIN_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class Wake:
    """What a restored machine is told first: the rest it learns from its metadata."""

    mac: str

    def line(self) -> bytes:
        """The message, with the time of this very moment and randomness of its own."""
        return f"wake {time.time():.3f} {secrets.token_hex(64)} {self.mac}\n".encode()


class Machine:
    """A QEMU process with its control connection."""

    def __init__(
        self, running: subprocess.Popen[bytes], control: Qmp, drives: tuple[qemu.Drive, ...]
    ) -> None:
        self._running = running
        self._control = control
        self._drives = {drive.name: drive for drive in drives}
        self._expected_end = False
        self._plugging = threading.Lock()

    @property
    def alive(self) -> bool:
        return self._running.poll() is None

    def watch(self, ended: Callable[[], None]) -> None:
        """Call back when the process ends by itself."""

        def wait() -> None:
            self._running.wait()
            if not self._expected_end:
                ended()

        threading.Thread(target=wait, name=f"watch-{self._running.pid}", daemon=True).start()

    def wait_for_line(self, *, seconds: float) -> bytes:
        """What the machine says on its wake port, which must be listened to; nothing after a while, or at its end."""
        assert self._running.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._running.stdout, selectors.EVENT_READ)
            return self._running.stdout.readline().strip() if selector.select(seconds) else b""

    def freeze(self, devices: Path) -> None:
        """Stop the machine for good and write the state of its devices; its memory is in its own file already."""
        self._control.command("stop")
        self._ignore_memory()
        self._control.command("migrate", uri=f"exec:cat > {process.quote(devices)}")
        self._control.wait_for(self._migrated, what="save a machine", seconds=_SAVE_SECONDS)

    def restore(self, devices: Path, *, root_gib: int, wake: Wake) -> None:
        """Load what ``freeze`` wrote and let it run."""
        self._ignore_memory()
        self._control.command("migrate-incoming", uri=f"exec:cat {process.quote(devices)}")
        self._control.wait_for(self._migrated, what="load a machine", seconds=_LOAD_SECONDS)
        self._control.command("block_resize", node_name=qemu.ROOT_DRIVE, size=root_gib * 2**30)
        self._tell(wake.line())
        self._control.command("cont")

    def plug(self, name: str, file: Path) -> None:
        """Plug a disk in while the machine runs."""
        with self._plugging:
            if name in self._drives:
                return
            used = {drive.slot for drive in self._drives.values()}
            slot = next((slot for slot in qemu.DISK_SLOTS if slot not in used), None)
            if slot is None:
                raise SandboxError(f"a machine of the sandbox takes {len(qemu.DISK_SLOTS)} volumes at most")
            drive = qemu.Drive(name=name, file=file, slot=slot)
            self._control.command("blockdev-add", **qemu.drive_backend(drive))
            try:
                self._control.command("device_add", **qemu.drive_device(drive))
            except QmpError:
                self._control.command("blockdev-del", node_name=name)
                raise
            self._drives[name] = drive

    def unplug(self, name: str) -> None:
        """Unplug a disk; the system inside lets go of it."""
        with self._plugging:
            if name not in self._drives:
                return
            device = f"disk-{name}"
            self._control.command("device_del", id=device)
            self._control.wait_for(lambda: not self._has(device), what="unplug a disk", seconds=_PLUG_SECONDS)
            self._control.wait_for(lambda: self._let_go(name), what="close a disk", seconds=_PLUG_SECONDS)
            del self._drives[name]

    def forward(self, old: tuple[str, int] | None, new: tuple[str, int] | None) -> None:
        """Move the SSH port to another address; where that is taken, it stays."""
        if new is not None:
            answer = self._control.human(f"hostfwd_add {qemu.OUTER_NET} {qemu.forward(*new)}")
            if answer:
                raise SandboxError(f"SSH of the machine cannot be had at {new[0]}:{new[1]}: {answer}")
        if old is not None:
            address, port = old
            self._control.human(f"hostfwd_remove {qemu.OUTER_NET} tcp:{address}:{port}")

    def power_off(self) -> None:
        """Press the power button and wait for the end; the plug, after a while."""
        self._expected_end = True
        with contextlib.suppress(QmpError):  # it is gone, or it does not listen
            self._press_until(lambda: not self.alive)
        self.kill()

    def restart(self) -> None:
        """Let the system shut down, then boot it again in the same process; after a while, without asking it."""
        self._control.command("set-action", shutdown="pause")
        try:
            self._press_until(lambda: self._status() == "shutdown")
        except QmpError:
            if not self.alive:
                raise
        self._control.command("system_reset")
        self._control.command("set-action", shutdown="poweroff")
        self._control.command("cont")

    def kill(self) -> None:
        """Pull the plug."""
        self._expected_end = True
        self._control.close()
        process.end(self._running)

    def _ignore_memory(self) -> None:
        capability = {"capability": "x-ignore-shared", "state": True}
        self._control.command("migrate-set-capabilities", capabilities=[capability])

    def _migrated(self) -> bool:
        state = self._control.command("query-migrate")
        if state.get("status") in {"failed", "cancelled"}:
            raise SandboxError(
                f"QEMU could not save or load a machine: {state.get('error-desc', 'no reason given')}"
            )
        return bool(state.get("status") == "completed")

    def _press_until(self, done: Callable[[], bool]) -> None:
        """Press the power button, again now and then: a system that still boots does not notice the first time."""
        deadline = time.monotonic() + _POWER_OFF_SECONDS
        pressed = 0.0
        while not done():
            now = time.monotonic()
            if now > deadline:
                raise QmpError(f"the system inside does not shut down within {_POWER_OFF_SECONDS} s")
            if now - pressed > _PRESS_AGAIN_SECONDS:
                self._control.command("system_powerdown")
                pressed = now
            time.sleep(0.05)

    def _status(self) -> str:
        return str(self._control.command("query-status")["status"])

    def _tell(self, line: bytes) -> None:
        assert self._running.stdin is not None
        try:
            self._running.stdin.write(line)
            self._running.stdin.flush()
        except OSError as error:
            raise SandboxError(f"QEMU does not listen any more ({error})") from error

    def _let_go(self, name: str) -> bool:
        """Close a disk's file; for a moment after the device has gone, QEMU still calls it used."""
        try:
            self._control.command("blockdev-del", node_name=name)
        except QmpError:
            if not self.alive:
                raise
            return False
        return True

    def _has(self, device: str) -> bool:
        listed = self._control.command("qom-list", path="/machine/peripheral")
        return any(entry["name"] == device for entry in listed)


def launch(hardware: qemu.Hardware, launcher: Launcher, *, listen: bool = False) -> Machine:
    """Start QEMU and shake hands. What it says goes to the folder of its root disk."""
    folder = hardware.root.parent
    ours, theirs = socket.socketpair()
    with theirs:
        control = theirs.fileno()
        words = qemu.command_line(
            hardware, control=control, qemu=program("qemu-system-x86_64"), relay=program("socat")
        )
        (folder / "messages.log").unlink(missing_ok=True)
        running = launcher.start(Launch(words=words, folder=folder, inherit=(control,), listen=listen))
    connection = Qmp(ours)
    try:
        connection.greet()
    except QmpError as error:
        connection.close()
        process.end(running)
        raise _explained(process.last_words(folder) or str(error), hardware) from error
    return Machine(running, connection, hardware.drives)


def _explained(words: str, hardware: qemu.Hardware) -> SandboxError:
    """QEMU's last words, and what to do about the ones that are known."""
    hint = ""
    if "host forwarding rule" in words and hardware.outer is not None:
        where = f"{hardware.outer.public_ip}:{hardware.outer.ssh_port}"
        return SandboxError(
            f"SSH of the machine cannot be had at {where}: the port is taken",
            hint=f"another program listens there; `ss -ltnp` shows which one ({words})",
        )
    if "vde" in words:
        hint = "this QEMU is built without VDE networks; Debian's package qemu-system-x86 has them"
    if "annot allocate memory" in words or "annot set up guest memory" in words:
        hint = "this machine has too little free memory; terminate other clusters, or make a smaller one"
    return SandboxError(f"the virtual machine does not start: {words}", hint=hint)
