"""moto's server with Debian's public parameters, in a process of its own: other tests change moto in theirs.

Prints its port; a request for /fresh empties it. It ends with its standard input.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.base_backend import BackendDict
from moto.server import DomainDispatcherApplication, create_backend_app
from moto.ssm.models import ssm_backends
from werkzeug.serving import make_server

REGION = "us-east-1"


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


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto = DomainDispatcherApplication(create_backend_app)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/fresh":
            fresh()
            start_response("200 OK", [("Content-Length", "0")])
            return [b""]
        answer: Iterable[bytes] = moto(environ, start_response)
        return answer

    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
