"""What a running service says of itself: in a file for whoever looks for it, over HTTP for whoever asks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from hpcctl.errors import SandboxError
from hpcctl.files import write_atomically


@dataclass(frozen=True, kw_only=True)
class ServiceRecord:
    """How to reach the service. In ``service.json`` from the moment that it listens until it ends."""

    pid: int
    port: int
    token: str
    """The first part of every path at this port: who does not know it is not answered."""
    ssh_port: int
    machines: bool
    cold_boot: bool
    started: str
    sockets: str
    """The folder of the unix sockets, to be removed if the service cannot do it any more."""

    @property
    def url(self) -> str:
        """The endpoint of every AWS service."""
        return f"http://127.0.0.1:{self.port}/{self.token}"

    def write(self, path: Path) -> None:
        """Put the record there in one step."""
        write_atomically(path, json.dumps(asdict(self), indent=2))

    @classmethod
    def read(cls, path: Path) -> ServiceRecord:
        """Read it back. Raises SandboxError if it is missing or makes no sense."""
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            hint = "run: hpcctl sandbox down, then: hpcctl sandbox up"
            raise SandboxError(f"{path} cannot be read: {error}", hint=hint) from error


class ImageState(str, Enum):
    """How far the machine image is."""

    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class ImageStatus:
    """How far the machine image is, in words."""

    state: ImageState
    detail: str = ""
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class ServiceStatus:
    """All that ``hpcctl sandbox status`` shows of a service that runs."""

    record: ServiceRecord
    image: ImageStatus
    instances: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The answer of the control API."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ServiceStatus:
        """Back from the control API's answer."""
        image = ImageStatus(**{**data["image"], "state": ImageState(data["image"]["state"])})
        return cls(record=ServiceRecord(**data["record"]), image=image, instances=data["instances"])
