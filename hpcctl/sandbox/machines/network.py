"""The private networks: one switch for each VPC, over unix sockets, nothing of it on this machine's interfaces."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

from hpcctl.errors import SandboxError
from hpcctl.sandbox.machines import process
from hpcctl.sandbox.machines.host import program
from hpcctl.sandbox.machines.process import Launch, Launcher

_PORTS = 1024


def runtime_folder(home: Path) -> Path:
    """A short private folder for sockets, the same for one home every time: socket paths end at 108 bytes."""
    digest = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:10]
    user = os.environ.get("XDG_RUNTIME_DIR", "")
    if user and len(user) < 40 and Path(user).is_dir():
        return Path(user) / f"hpcctl-{digest}-net"
    return Path("/tmp") / f"hpcctl-{os.getuid()}-{digest}-net"


def make_private(folder: Path) -> None:
    """Make a folder that only this user can enter; one that somebody else has put there is refused."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise SandboxError(
            f"{folder} exists and is not a private folder of this user",
            hint="remove it, or ask its owner to",
        )


class Switches:
    """The switches that run, by VPC."""

    def __init__(self, folder: Path, launcher: Launcher) -> None:
        self._folder = folder
        self._launcher = launcher
        self._lock = threading.Lock()
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def ensure(self, vpc_id: str) -> Path:
        """The socket folder of the VPC's switch, which is started where it does not run."""
        with self._lock:
            place = self._folder / vpc_id
            running = self._running.get(vpc_id)
            if running is None or running.poll() is not None:
                self._running[vpc_id] = self._start(place)
            return place / "sock"

    def close(self) -> None:
        """End all switches and remove their folder."""
        with self._lock:
            for running in self._running.values():
                process.end(running)
            self._running.clear()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self, place: Path) -> subprocess.Popen[bytes]:
        make_private(self._folder)
        shutil.rmtree(place, ignore_errors=True)
        make_private(place)
        sock = place / "sock"
        words = [program("vde_switch"), "-s", str(sock), "-n", str(_PORTS), "-m", "0600"]
        # Without -d the switch reads commands from its input, and goes when that ends: with the service.
        running = self._launcher.start(Launch(words=words, folder=place))
        deadline = time.monotonic() + 10
        while not (sock / "ctl").exists():
            if running.poll() is not None or time.monotonic() > deadline:
                process.end(running)
                raise SandboxError(f"the network switch does not start: {process.last_words(place)}")
            time.sleep(0.01)
        return running


def reap_switches(home: Path) -> None:
    """End the switches that a dead service of this home has left, and remove their sockets."""
    folder = runtime_folder(home)
    if not folder.is_dir() or folder.is_symlink() or folder.lstat().st_uid != os.getuid():
        return
    for place in folder.iterdir():
        process.kill_recorded(place)
    shutil.rmtree(folder, ignore_errors=True)
