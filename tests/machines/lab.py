"""Two machines with their metadata, and a way into them."""

from __future__ import annotations

import shutil
import socketserver
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from hpcctl.sandbox.machines.fleet import QemuMachines
from hpcctl.sandbox.model import Address, Disk, MachineSpec
from tests.machines.metadata import Identity, serve_metadata, serve_store
from tests.patience import PATIENCE

SSH_PORT = 2299
NETWORK = "10.20.0.0/16"
VOLUME = Disk(volume_id="vol-0123456789abcdef0", gib=2)


def until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Look until it holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)


class Lab:
    """Machines number 0, 1, … at 127.88.0.10, 127.88.0.11, …, 10.20.0.10, …"""

    def __init__(self, home: Path, *, cold_boot: bool = False) -> None:
        self.home = home
        self.ended: list[str] = []
        self.machines = QemuMachines(home, cold_boot=cold_boot, exited=self.ended.append)
        self.folder = Path(tempfile.mkdtemp(prefix="lab-", dir="/tmp"))
        self._servers: list[socketserver.BaseServer] = [serve_store(self.folder / "api")]
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", str(self.folder / "key")]
        subprocess.run(words, check=True)

    def serve(self, number: int, user_data: bytes | None) -> None:
        """Start the machine's metadata service."""
        spec = self.spec(number)
        identity = Identity(
            instance_id=spec.instance_id,
            ip=spec.private.ip,
            mac=spec.private.mac,
            network=NETWORK,
            public_key=(self.folder / "key.pub").read_text().strip(),
            user_data=user_data,
        )
        self._servers.append(serve_metadata(spec.metadata_socket, identity))

    def spec(self, number: int, *, disks: tuple[Disk, ...] = (), root_gib: int = 8) -> MachineSpec:
        return MachineSpec(
            instance_id=f"i-0123456789abcde{number:02x}",
            image_id="ami-1",
            root_gib=root_gib,
            private=Address(
                vpc_id="vpc-0123456789abcdef0",
                mac=f"0a:00:00:00:00:{number:02x}",
                ip=f"10.20.0.{10 + number}",
                prefix_length=16,
            ),
            metadata_socket=self.folder / f"imds{number}",
            api_socket=self.folder / "api",
            public_ip=f"127.88.0.{10 + number}",
            ssh_port=SSH_PORT,
            disks=disks,
        )

    def ssh(self, number: int, command: str, *, address: str = "") -> subprocess.CompletedProcess[str]:
        options = [
            "BatchMode=yes",
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null",
            "LogLevel=ERROR",
        ]
        words = [word for option in (*options, "ConnectTimeout=20") for word in ("-o", option)]
        target = f"admin@{address or self.spec(number).public_ip}"
        return subprocess.run(
            [
                "ssh",
                "-F",
                "none",
                "-i",
                str(self.folder / "key"),
                "-p",
                str(SSH_PORT),
                *words,
                target,
                command,
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def run(self, number: int, command: str) -> str:
        """What a command inside prints; it must succeed."""
        done = self.ssh(number, command)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def wait_for_ssh(self, number: int, *, address: str = "") -> None:
        until(lambda: self.ssh(number, "true", address=address).returncode == 0, f"SSH to machine {number}")

    def close(self) -> None:
        self.machines.close()
        for server in self._servers:
            server.shutdown()
            server.server_close()
        shutil.rmtree(self.folder)
