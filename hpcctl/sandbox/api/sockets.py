"""The unix sockets by which machines reach the sandbox: the API's, and a metadata service for each instance."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from hpcctl.sandbox.api.http import Listener, listen_on_socket
from hpcctl.sandbox.api.identity import Identity
from hpcctl.sandbox.api.metadata import MetadataService


class Sockets:
    """All of them are in one private ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._services: dict[str, Listener] = {}
        self._lock = threading.Lock()

    @property
    def api(self) -> Path:
        """Where the API answers machines."""
        return self._folder / "api"

    def metadata(self, instance_id: str) -> Path:
        """Where the metadata service of an instance answers."""
        return self._folder / f"{instance_id}.imds"

    def open(self, instance_id: str, identity: Callable[[], Identity]) -> None:
        """Answer for this instance from now on."""
        with self._lock:
            if instance_id not in self._services:
                listener = listen_on_socket(self.metadata(instance_id), MetadataService(identity))
                self._services[instance_id] = listener

    def close(self, instance_id: str) -> None:
        """Answer for it no more."""
        with self._lock:
            service = self._services.pop(instance_id, None)
        if service:
            service.close()

    def close_all(self) -> None:
        """Answer for nobody."""
        for instance_id in list(self._services):
            self.close(instance_id)
