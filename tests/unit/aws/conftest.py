"""moto's server in this process, empty at the start of every test."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest

from hpcctl.spec.model import Cloud
from tests.unit.records import CLOUD


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def cloud(moto_url: str) -> Cloud:
    """A Cloud that is moto, with Debian's public parameters."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.ssm.models import ssm_backends

    request = urllib.request.Request(f"{moto_url}/moto-api/reset", method="POST")
    urllib.request.urlopen(request, timeout=10).close()
    found = replace(CLOUD, endpoint_url=moto_url, ssh_from="127.0.0.0/8")
    store = ssm_backends[DEFAULT_ACCOUNT_ID][found.region]
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
        # the API, rightly, lets nobody write below /aws
        store._parameters[f"/aws/service{name}"] = store._parameters.pop(name)
        for parameter in store._parameters[f"/aws/service{name}"]:
            parameter.name = f"/aws/service{name}"
    return found
