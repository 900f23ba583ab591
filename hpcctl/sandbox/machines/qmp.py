"""A small client of QEMU's machine protocol (QMP): one connection, commands one after the other."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from hpcctl.errors import SandboxError


class QmpError(SandboxError):
    """QEMU refused a command, or is gone."""


class Qmp:
    """Speaks to one QEMU over a connected socket. Safe to use from several threads."""

    def __init__(self, connection: socket.socket, *, timeout: float = 60.0) -> None:
        self._connection = connection
        self._connection.settimeout(timeout)
        self._lines = connection.makefile("rb")
        self._lock = threading.RLock()

    def greet(self) -> None:
        """Take QEMU's greeting and leave the negotiation mode."""
        with self._lock:
            self._receive()
            self.command("qmp_capabilities")

    def command(self, name: str, **arguments: Any) -> Any:
        """Run one command; its result as JSON gives it."""
        request = {
            "execute": name,
            "arguments": {key.replace("_", "-"): value for key, value in arguments.items()},
        }
        with self._lock:
            self._send(request)
            while True:
                answer = self._receive()
                if "event" in answer:
                    continue  # what happened is asked for, where it matters
                if "error" in answer:
                    raise QmpError(f"QEMU refused {name}: {answer['error'].get('desc', answer['error'])}")
                return answer.get("return")

    def human(self, line: str) -> str:
        """Run a command of the human monitor; some things have no other."""
        return str(self.command("human-monitor-command", command_line=line)).strip()

    def wait_for(self, condition: Callable[[], bool], *, what: str, seconds: float) -> None:
        """Look until the condition holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise QmpError(f"QEMU took more than {seconds:.0f} s for this: {what}")
            time.sleep(0.02)

    def close(self) -> None:
        """Give up the connection."""
        self._lines.close()
        self._connection.close()

    def _send(self, request: dict[str, Any]) -> None:
        try:
            self._connection.sendall(json.dumps(request).encode() + b"\n")
        except (OSError, ValueError) as error:
            raise QmpError(f"QEMU does not listen any more ({error})") from error

    def _receive(self) -> dict[str, Any]:
        try:
            line = self._lines.readline()
            message = json.loads(line) if line else None
        except (OSError, ValueError) as error:
            raise QmpError(f"QEMU does not answer ({error})") from error
        if not isinstance(message, dict):
            raise QmpError("QEMU has closed the connection")
        return message
