"""moto's server with Debian's public parameters, in a process of its own: other tests change moto in theirs.

Prints its port; a request for /fresh empties it. It ends with its standard input. It has one image and a part of the
instance types, and writes down the same of them once: a thousand images made anew, or all types told, take seconds.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

os.environ["MOTO_AMIS_PATH"] = str(Path(__file__).with_name("images.json"))  # read when moto is imported

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.base_backend import BackendDict
from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS, InstanceTypeBackend
from moto.server import DomainDispatcherApplication, create_backend_app
from moto.ssm.models import ssm_backends
from werkzeug.serving import make_server

REGION = "us-east-1"
WHOLE = ("c5", "c5n", "c7g", "g5", "hpc7g", "m5", "m6g", "r5", "t3")
"""Families with all their types; of every other, however odd, there is one."""


def fewer_types() -> None:
    """Take most instance types out of EC2."""
    kept: dict[str, str] = {}
    for name in (info.name for info in InstanceTypeBackend.instance_types):
        family = name.partition(".")[0]
        kept[name if family in WHOLE else family] = name
    names = set(kept.values())
    InstanceTypeBackend.instance_types[:] = [
        info for info in InstanceTypeBackend.instance_types if info.name in names
    ]
    for regions in INSTANCE_TYPE_OFFERINGS.values():
        regions[REGION] = [offer for offer in regions[REGION] if offer["InstanceType"] in names]


def fresh() -> None:
    """Nothing but the public parameters; the API, rightly, lets nobody write below /aws."""
    BackendDict.reset()
    store = ssm_backends[DEFAULT_ACCOUNT_ID][REGION]
    for architecture in ("amd64", "arm64"):
        name = f"/debian/release/12/latest/{architecture}"
        store.put_parameter(
            name=name,
            description="",
            value=f"ami-0000000000000{architecture}",
            parameter_type="String",
            allowed_pattern="",
            keyid="",
            overwrite=True,
            tags=[],
            data_type="text",
            tier=None,
            policies=None,
        )
        versions = store._parameters.pop(name)
        for parameter in versions:
            parameter.name = f"/aws/service{name}"
        store._parameters[f"/aws/service{name}"] = versions


CLOSED = b'{"__type": "AccessDeniedException", "message": "no price list"}'


class Api:
    """moto; what it says of instance types it says again without a thought.

    It has no price list, and would break at the question: boto3 asks a server that breaks four times more.
    """

    def __init__(self) -> None:
        self._moto: Callable[..., Iterable[bytes]] = DomainDispatcherApplication(create_backend_app)
        self._said: dict[bytes, tuple[str, Any, bytes]] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/fresh":
            fresh()
            start_response("200 OK", [("Content-Length", "0")])
            return [b""]
        if environ.get("HTTP_X_AMZ_TARGET", "").startswith("AWSPriceListService."):
            start_response("400 Bad Request", [("Content-Length", str(len(CLOSED)))])
            return [CLOSED]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if b"Action=DescribeInstanceType" not in body:
            return self._moto(environ, start_response)
        if body not in self._said:
            self._said[body] = self._asked(environ)
        status, headers, answer = self._said[body]
        start_response(status, headers)
        return [answer]

    def _asked(self, environ: dict[str, Any]) -> tuple[str, Any, bytes]:
        begun: list[Any] = []
        answer = b"".join(self._moto(environ, lambda status, headers, *_: begun.extend((status, headers))))
        status, headers = begun
        return status, headers, answer


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    fewer_types()
    server = make_server("127.0.0.1", 0, Api(), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
