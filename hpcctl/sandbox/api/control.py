"""The sandbox's own calls, beside AWS's: status, calls, faults, the plug of a machine. JSON both ways."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from hpcctl.errors import SandboxError
from hpcctl.sandbox.api.ends import interrupt, kill
from hpcctl.sandbox.api.fleet import Fleet
from hpcctl.sandbox.calls import CallBook
from hpcctl.sandbox.faults import Fault
from hpcctl.sandbox.record import ServiceRecord, ServiceStatus

PREFIX = "/_sandbox/"
HEADER = "HTTP_X_HPCCTL_SANDBOX"
"""Every change must carry this header, which a web page on this machine could not send unasked."""

Answer = tuple[str, object]


class Control:
    """A WSGI application for the paths below ``PREFIX``."""

    def __init__(self, record: ServiceRecord, fleet: Fleet, calls: CallBook) -> None:
        self._record = record
        self._fleet = fleet
        self._book = calls

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        status, content = self._answer(environ)
        body = json.dumps(content).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def _answer(self, environ: dict[str, Any]) -> Answer:
        method, name = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(PREFIX)
        if method != "GET" and HEADER not in environ:
            return "403 Forbidden", {"error": "a header is missing"}
        call = self._calls().get((method, name))
        if call is None:
            return "404 Not Found", {"error": f"no such call: {method} {name}"}
        try:
            body = environ["wsgi.input"].read()
            return "200 OK", call(json.loads(body) if body else {})
        except (SandboxError, ValueError) as error:
            return "400 Bad Request", {"error": str(error), "hint": getattr(error, "hint", "")}

    def _calls(self) -> dict[tuple[str, str], Callable[[dict[str, Any]], object]]:
        return {
            ("GET", "status"): lambda _: self._status(),
            ("GET", "calls"): lambda _: [call.to_json() for call in self._book.calls()],
            ("DELETE", "calls"): lambda _: self._book.clear(),
            ("GET", "faults"): lambda _: [fault.to_json() for fault in self._fleet.faults.pending()],
            ("GET", "held"): lambda _: [fault.to_json() for fault in self._fleet.faults.held()],
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): lambda _: self._fleet.faults.clear(),
            ("POST", "kill"): self._kill,
            ("POST", "interrupt"): self._interrupt,
        }

    def _status(self) -> object:
        return ServiceStatus(
            record=self._record, image=self._fleet.preparation.status(), instances=self._fleet.counts()
        ).to_json()

    def _add_fault(self, data: dict[str, Any]) -> object:
        fault = Fault.from_json(data)
        self._fleet.faults.add(fault)
        return fault.to_json()

    def _kill(self, data: dict[str, Any]) -> object:
        instance_id = str(data.get("instance_id"))
        if not kill(self._fleet, instance_id):
            raise SandboxError(f"no instance {instance_id}")
        return {"instance_id": instance_id}

    def _interrupt(self, data: dict[str, Any]) -> object:
        instance_id = str(data.get("instance_id"))
        if not interrupt(self._fleet, instance_id):
            raise SandboxError(f"no spot instance {instance_id} that runs")
        return {"instance_id": instance_id}
