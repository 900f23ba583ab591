"""The API in this process, with machines that only say what was asked of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.servicequotas.models import servicequotas_backends
from moto.ssm.models import ssm_backends

from hpcctl.sandbox.api.addresses import LoopbackAddresses
from hpcctl.sandbox.api.app import Api, furnish
from hpcctl.sandbox.api.control import Control
from hpcctl.sandbox.api.fleet import Fleet
from hpcctl.sandbox.api.gate import Gate, new_token
from hpcctl.sandbox.api.http import listen_on_loopback, listen_on_socket, reserve_port
from hpcctl.sandbox.api.sockets import Sockets
from hpcctl.sandbox.calls import CallBook
from hpcctl.sandbox.faults import FaultBook
from hpcctl.sandbox.record import ServiceRecord
from tests.unit.sandbox.api.told import ToldMachines

IMAGE = "ami-0deb1a12000000001"


@pytest.fixture
def machines(request: pytest.FixtureRequest) -> ToldMachines:
    """Their image is ready at once, unless the test's parameter is False."""
    machines = ToldMachines()
    if not getattr(request, "param", True):
        machines.image.clear()
    return machines


@pytest.fixture
def fleet(machines: ToldMachines, tmp_path: Path) -> Iterator[Fleet]:
    fleet = Fleet(machines, faults=FaultBook(), sockets=Sockets(tmp_path), ssh_port=2222)
    furnish(fleet, LoopbackAddresses("00000000", port=2222))
    fleet.preparation.begin()
    yield fleet
    machines.gate.set()
    machines.image.set()
    fleet.close()
    for backends in (ec2_backends, iam_backends, s3_backends, servicequotas_backends, ssm_backends):
        backends.clear()
    s3_backends.bucket_accounts.clear()


@pytest.fixture
def endpoint(fleet: Fleet, tmp_path: Path) -> Iterator[str]:
    record = ServiceRecord(
        pid=1,
        port=0,
        token=new_token(),
        ssh_port=2222,
        machines=True,
        cold_boot=False,
        started="",
        sockets=str(tmp_path),
    )
    calls = CallBook()
    api = Api(fleet, Control(record, fleet, calls), calls)
    loopback = listen_on_loopback(reserve_port([0]), Gate(record.token, api))
    listeners = [loopback, listen_on_socket(tmp_path / "api", api.for_nodes)]
    yield replace(record, port=loopback.port).url
    for listener in listeners:
        listener.close()


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """One for all tests: each new one reads its descriptions of the services anew, EC2's for a third of a second."""
    return boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1")


@pytest.fixture
def connect(endpoint: str, session: boto3.Session) -> Callable[[str], Any]:
    return lambda service: session.client(service, endpoint_url=endpoint)


@pytest.fixture
def ec2(connect: Callable[[str], Any]) -> Any:
    return connect("ec2")


@pytest.fixture
def launch(ec2: Any) -> Callable[..., str]:
    """Run one instance; returns its id."""

    def run(**request: Any) -> str:
        wanted = {"ImageId": IMAGE, "InstanceType": "c5.large", "MinCount": 1, "MaxCount": 1, **request}
        return str(ec2.run_instances(**wanted)["Instances"][0]["InstanceId"])

    return run
