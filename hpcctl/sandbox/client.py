"""The sandbox's own calls, from outside: status, calls, faults, the plug of a machine."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from hpcctl.errors import SandboxError, UnreachableError
from hpcctl.sandbox.calls import Call
from hpcctl.sandbox.faults import Fault
from hpcctl.sandbox.record import ServiceStatus

_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class SandboxClient:
    """Calls the service at ``url``. Raises UnreachableError if nothing answers there, or something else does."""

    url: str

    def status(self) -> ServiceStatus:
        """How the service, its image and its instances are."""
        return ServiceStatus.from_json(self._call("GET", "status"))

    def add_fault(self, fault: Fault) -> None:
        """Let something go wrong."""
        self._call("POST", "faults", fault.to_json())

    def faults(self) -> tuple[Fault, ...]:
        """What is still to go wrong."""
        return tuple(Fault.from_json(each) for each in self._call("GET", "faults"))

    def held(self) -> tuple[Fault, ...]:
        """The calls that a fault holds at this moment."""
        return tuple(Fault.from_json(each) for each in self._call("GET", "held"))

    def clear_faults(self) -> None:
        """Nothing goes wrong on purpose any more; calls that were held are answered."""
        self._call("DELETE", "faults")

    def calls(self) -> tuple[Call, ...]:
        """What was asked of the API since the last ``clear_calls``."""
        return tuple(Call.from_json(each) for each in self._call("GET", "calls"))

    def clear_calls(self) -> None:
        """Count the calls anew."""
        self._call("DELETE", "calls")

    def kill(self, instance_id: str) -> None:
        """Pull the plug of a running machine. Raises SandboxError if there is no such instance."""
        self._call("POST", "kill", {"instance_id": instance_id})

    def interrupt(self, instance_id: str) -> None:
        """Take a spot instance back, as AWS does. Raises SandboxError if there is no such one that runs."""
        self._call("POST", "interrupt", {"instance_id": instance_id})

    def _call(self, method: str, name: str, content: object = None) -> Any:
        url = urlsplit(self.url)
        connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=_SECONDS)
        body = None if content is None else json.dumps(content)
        try:
            connection.request(method, f"{url.path}/_sandbox/{name}", body, {"X-Hpcctl-Sandbox": "1"})
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            message = f"the sandbox does not answer on port {url.port}: {error}"
            raise UnreachableError(message, hint="run: hpcctl sandbox up") from error
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise SandboxError(answer.get("error", "refused"), hint=answer.get("hint", ""))
        return answer
