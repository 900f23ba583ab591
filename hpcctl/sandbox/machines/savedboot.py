"""The saved boot: the image booted once and frozen, so that machines wake up in seconds instead of booting."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hpcctl.errors import SandboxError
from hpcctl.sandbox.machines import process, qemu
from hpcctl.sandbox.machines.disks import make_overlay
from hpcctl.sandbox.machines.host import program
from hpcctl.sandbox.machines.image import Image
from hpcctl.sandbox.machines.machine import launch
from hpcctl.sandbox.machines.process import Launcher

_BOOT_SECONDS = 600

KERNEL_WORDS = (
    "root=LABEL=hpcctl-root ro console=ttyS0 net.ifnames=0 quiet panic=5"
    " mitigations=off random.trust_cpu=on audit=0"
)
"""Cards are told apart by address, not by name. Mitigations are dear in emulation, and nobody else is here."""


@dataclass(frozen=True, kw_only=True)
class SavedBoot:
    """A machine that stands still: its disk, its memory, the state of its devices."""

    folder: Path

    @property
    def disk(self) -> Path:
        return self.folder / "root.qcow2"

    @property
    def memory(self) -> Path:
        return self.folder / "memory"

    @property
    def devices(self) -> Path:
        return self.folder / "devices"


def ensure_saved_boot(image: Image, engine: qemu.Engine, say: Callable[[str], None]) -> SavedBoot:
    """The saved boot of an image for this engine, made if it is missing. The caller holds the images' lock."""
    boot = SavedBoot(folder=image.folder / f"boot-{_key(engine)}")
    if boot.folder.is_dir():
        return boot
    work = Path(tempfile.mkdtemp(prefix=".boot-", dir=image.folder))
    launcher = Launcher()
    try:
        _save(SavedBoot(folder=work), image, engine, launcher, say)
        for left_over in (process.RECORD, "messages.log"):
            (work / left_over).unlink(missing_ok=True)
        work.rename(boot.folder)
    finally:
        launcher.close()
        shutil.rmtree(work, ignore_errors=True)
    return boot


def _key(engine: qemu.Engine) -> str:
    """What a saved boot depends on besides its image: QEMU's version, the processor, the layout of the devices."""
    version = subprocess.run(
        [program("qemu-system-x86_64"), "--version"], capture_output=True, text=True, check=True
    )
    nowhere = Path("/")
    kernel = qemu.Kernel(kernel=nowhere, initrd=nowhere, words=KERNEL_WORDS)
    layout = qemu.Hardware(name="", engine=engine, kernel=kernel, root=nowhere, console=nowhere)
    processor = _host_processor() if engine.kvm else ""
    text = "\n".join((version.stdout, *qemu.command_line(layout, control=0, qemu="", relay=""), processor))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _host_processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return "\n".join(
        sorted({line for line in lines if line.startswith(("model name", "flags", "microcode"))})
    )


def _save(
    boot: SavedBoot, image: Image, engine: qemu.Engine, launcher: Launcher, say: Callable[[str], None]
) -> None:
    say("boots the image once, to save the booted machine")
    make_overlay(boot.disk, base=image.root, base_format="raw")
    boot.memory.touch(mode=0o600)
    hardware = qemu.Hardware(
        name="template",
        engine=engine,
        kernel=image.boot(f"{KERNEL_WORDS} hpcctl.template cloud-init=disabled"),
        root=boot.disk,
        console=boot.folder / "console.log",
        memory=qemu.Memory(file=boot.memory, shared=True),
    )
    machine = launch(hardware, launcher, listen=True)
    try:
        if machine.wait_for_line(seconds=_BOOT_SECONDS) != b"ready":
            raise SandboxError(
                f"the image does not boot: {_last_line(boot.folder / 'console.log')}",
                hint="`hpcctl sandbox image clean` removes it, and the next start makes it again",
            )
        say("saves the booted machine")
        machine.freeze(boot.devices)
    finally:
        machine.kill()
    boot.devices.chmod(0o600)


def _last_line(console: Path) -> str:
    lines = console.read_text(errors="replace").strip().splitlines() if console.exists() else []
    return lines[-1] if lines else "its console shows nothing"
