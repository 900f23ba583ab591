"""hpcctl and ssh as one person uses them, with a home and a user's folder of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

from hpcctl import sandbox
from hpcctl.sandbox.client import SandboxClient
from hpcctl.workspace import Workspace
from tests.environments import own_environment
from tests.machines.home import home_with_images
from tests.patience import PATIENCE

Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True, kw_only=True)
class Driver:
    """``sockets`` is a folder with a short path, for connections that are kept."""

    home: Path
    user: Path
    sockets: Path

    @classmethod
    def below(cls, folder: Path, sockets: Path) -> Driver:
        """In a new folder, with the machine images of whoever runs the tests."""
        user = folder / "user"
        (user / ".ssh").mkdir(parents=True, mode=0o700)
        return cls(home=home_with_images(folder), user=user, sockets=sockets)

    def environment(self) -> dict[str, str]:
        return own_environment(self.home, self.user)

    def __call__(self, *words: str) -> Done:
        """hpcctl, as somebody types it."""
        return self.run(sys.executable, "-m", "hpcctl", *words)

    def good(self, *words: str) -> Done:
        """hpcctl, which must succeed."""
        done = self(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def told(self, *words: str) -> Any:
        """What it tells a program."""
        return json.loads(self(*words, "--json").stdout)

    def ssh(self, *words: str) -> Done:
        """The system's ssh with the user's configuration, as it works from any shell."""
        return self.run("ssh", "-F", str(self.user / ".ssh" / "config"), "-o", "BatchMode=yes", *words)

    def run(self, *words: str) -> Done:
        """Any program."""
        return subprocess.run(
            list(words),
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            text=True,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )

    def on(self, host: str, script: str) -> str:
        """What a script on a host prints, as the login user; it must succeed.

        By a connection that stays, for under emulation a handshake takes a second; it ends soon after its host.
        """
        done = self.ssh(*self._kept(), host, f"bash -euo pipefail -c {quote(script)}")
        assert done.returncode == 0, f"{host}: {script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def _kept(self) -> Iterable[str]:
        control = ("ControlMaster=auto", f"ControlPath={self.sockets}/%C", "ControlPersist=600")
        alive = ("ServerAliveInterval=5", "ServerAliveCountMax=3")
        return (word for option in (*control, *alive) for word in ("-o", option))

    def workspace(self, name: str) -> Workspace:
        return Workspace(home=self.home, name=name)

    @property
    def sandbox(self) -> SandboxClient:
        """The sandbox's own calls; it is up."""
        record = sandbox.running(self.home)
        assert record
        return SandboxClient(url=record.url)


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """One cluster, and how one gets at it."""

    driver: Driver
    name: str

    def on(self, node: str, script: str) -> str:
        """See ``Driver.on``."""
        return self.driver.on(f"{self.name}-{node}", script)

    @property
    def workspace(self) -> Workspace:
        return self.driver.workspace(self.name)

    @property
    def state(self) -> str:
        """In a word, as `show` has it."""
        return str(self.driver.told("show", self.name)["state"])

    def hosts(self, field: str) -> dict[str, str]:
        """What `show` says of each node: its state, its instance, ..."""
        return {host["name"]: host[field] for host in self.driver.told("show", self.name)["hosts"]}


def until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """The first true value; what cannot be asked now, because a machine reboots, does not hold yet."""
    deadline = time.monotonic() + seconds
    while not (value := _tried(condition)):
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.5)
    return value


def _tried(condition: Callable[[], Any]) -> Any:
    try:
        return condition()
    except (AssertionError, subprocess.TimeoutExpired):
        return None
