"""The API as one WSGI application: moto's services, ours in place of some, faults, and the sandbox's own calls."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from hpcctl.sandbox.api import pricing
from hpcctl.sandbox.api.actions import action_of, agent_of, service_of
from hpcctl.sandbox.api.addresses import LoopbackAddresses, private_mac
from hpcctl.sandbox.calls import Agent, CallBook
from hpcctl.sandbox.faults import Fault, FaultKind

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"  # the only image is ours
os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"  # no web page may talk to the sandbox
os.environ["S3_IGNORE_SUBDOMAIN_BUCKETNAME"] = "true"  # buckets are paths: the endpoint has no domain

import moto.ec2.models.elastic_ip_addresses
import moto.ec2.models.elastic_network_interfaces
import moto.ec2.urls
import moto.ec2instanceconnect.urls
import moto.servicequotas.urls
from moto.ec2.models import ec2_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import FakeBucket
from moto.servicequotas.models import servicequotas_backends
from moto.ssm.models import ssm_backends

from hpcctl.sandbox.api.backend import SandboxEC2
from hpcctl.sandbox.api.buckets import permission
from hpcctl.sandbox.api.connect import SandboxConnectResponse
from hpcctl.sandbox.api.control import PREFIX, Control
from hpcctl.sandbox.api.errors import error_document
from hpcctl.sandbox.api.fleet import Fleet
from hpcctl.sandbox.api.images import SandboxParameters
from hpcctl.sandbox.api.lag import can_lag, not_yet
from hpcctl.sandbox.api.quotas import SandboxQuotas, SandboxQuotasResponse
from hpcctl.sandbox.api.responses import SandboxEC2Response

_LOG = logging.getLogger(__name__)
_FORBIDDEN = ("/moto-api", "/latest/")
"""Moto's own control pages, and its metadata service for one instance: neither is part of this AWS."""


def furnish(fleet: Fleet, addresses: LoopbackAddresses) -> None:
    """Put the sandbox's parts where moto looks for its own. Once per process."""
    ec2_backends.backend = partial(SandboxEC2, fleet=fleet)  # type: ignore[assignment]
    ssm_backends.backend = SandboxParameters
    servicequotas_backends.backend = SandboxQuotas
    moto.ec2.urls.url_paths["{0}/"] = SandboxEC2Response.dispatch
    moto.servicequotas.urls.url_paths["{0}/$"] = SandboxQuotasResponse.dispatch
    moto.ec2instanceconnect.urls.url_paths["{0}/$"] = SandboxConnectResponse.dispatch
    cards: Any = moto.ec2.models.elastic_network_interfaces
    cards.random_public_ip, cards.random_mac_address = addresses.take, private_mac
    elastic: Any = moto.ec2.models.elastic_ip_addresses
    elastic.random_ip = addresses.take
    FakeBucket.get_permission = permission  # type: ignore[method-assign, assignment]


class Api:
    """All of AWS at one address. S3 answers in parallel; the others one at a time, for moto has no locks."""

    def __init__(self, fleet: Fleet, control: Control, calls: CallBook) -> None:
        self._fleet = fleet
        self._control = control
        self._calls = calls
        self._moto: Any = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request of somebody on this machine."""
        return self._answered(environ, start_response, agent_of(environ))

    def for_nodes(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request of a node."""
        return self._answered(environ, start_response, Agent.NODE)

    def _answered(
        self, environ: dict[str, Any], start_response: Callable[..., Any], agent: Agent
    ) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith(PREFIX):
            return self._control(environ, start_response)
        if path.startswith(_FORBIDDEN):
            return _answer(start_response, "404 Not Found", "")
        target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
        if target.startswith(pricing.TARGET):
            self._calls.add("pricing", target.removeprefix(pricing.TARGET), agent)
            return pricing.answer(target, environ["wsgi.input"].read(), start_response)
        with self._fleet.lock:
            service = self._moto.get_application(environ)
        body = b"" if service.service == "s3" else environ["wsgi.input"].read()
        name = service_of(environ, otherwise=service.service)
        action = action_of(environ, name, body)
        self._calls.add(name, action, agent)
        self._fleet.faults.hold(Fault(kind=FaultKind.HOLD, action=action, agent=agent.value))
        if service.service == "s3":
            return self._guarded(service, environ, start_response)
        environ["wsgi.input"] = io.BytesIO(body)
        refused = self._fault(action, agent, body) if service.service == "ec2" else None
        if refused:
            return _answer(start_response, *refused)
        with self._fleet.lock:
            return self._guarded(service, environ, start_response)

    def _fault(self, action: str, agent: Agent, body: bytes) -> tuple[str, str] | None:
        """Status and document of an answer that goes wrong on purpose."""
        event = Fault(kind=FaultKind.THROTTLE, action=action, agent=agent.value)
        if self._fleet.faults.happens(event):
            document = error_document("RequestLimitExceeded", "Request limit exceeded.")
            return "503 Service Unavailable", document
        if can_lag(action) and self._fleet.faults.happens(replace(event, kind=FaultKind.NOT_YET)):
            return not_yet(action, body)
        return None

    def _guarded(self, service: Any, environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer in any case: clients repeat a request that was not answered for many minutes."""
        try:
            return service(environ, start_response)  # type: ignore[no-any-return]
        except NotImplementedError as error:
            _LOG.warning("not in the sandbox: %s", error)
            return _answer(
                start_response, "400 Bad Request", error_document("UnsupportedOperation", str(error))
            )
        except Exception as error:  # a server's last resort: the log has the rest
            _LOG.exception("%s %s", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            document = error_document("SandboxFailure", f"{type(error).__name__}: {error}")
            return _answer(start_response, "400 Bad Request", document)


def _answer(start_response: Callable[..., Any], status: str, document: str) -> list[bytes]:
    body = document.encode()
    start_response(status, [("Content-Type", "text/xml"), ("Content-Length", str(len(body)))])
    return [body]
