"""Machines that are lost one after the other, with real Terraform: replaced once, alone, and at last all is undone.

The sandbox has no machines here, so that no head ever answers.
"""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hpcctl.errors import HostFailure
from hpcctl.lifecycle.configuring import Outcome
from hpcctl.lifecycle.replacing import settle_lost
from hpcctl.sandbox.client import SandboxClient
from hpcctl.sandbox.faults import Fault, FaultKind
from hpcctl.workspace import Workspace
from tests.environments import own_environment
from tests.patience import PATIENCE
from tests.sandbox.unmanned import SshIsNext, context, create_until_ssh

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform]

CREATE = ("create", "--profile", "sandbox", "--boot-deadline", "15", "dumb", "2", "c5.xlarge", "4")


def hpcctl(home: Path, user: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hpcctl", *words],
        env=own_environment(home, user),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def launched(ec2: Any, cluster: str, node: str) -> list[dict[str, Any]]:
    """All machines that this node ever had."""
    tags = [
        {"Name": "tag:hpcctl:cluster", "Values": [cluster]},
        {"Name": "tag:hpcctl:node", "Values": [node]},
    ]
    return [
        instance
        for page in ec2.get_paginator("describe_instances").paginate(Filters=tags)
        for reservation in page["Reservations"]
        for instance in reservation["Instances"]
    ]


def user_data(ec2: Any, instance: dict[str, Any]) -> bytes:
    answer = ec2.describe_instance_attribute(InstanceId=instance["InstanceId"], Attribute="userData")
    return base64.b64decode(answer["UserData"]["Value"])


@pytest.mark.fault(
    "an instance goes from pending to terminated", "create: Terraform runs", "replaced once; the others stay"
)
@pytest.mark.fault(
    "a head that never answers",
    "create: machines boot",
    "replaced once, then everything is undone, its console kept",
)
def test_each_lost_machine_is_replaced_once_and_then_all_is_undone(
    sandbox_home: Path, control: SandboxClient, ec2: Any, tmp_path: Path
) -> None:
    control.add_fault(Fault(kind=FaultKind.FAILS_TO_START, node="head"))
    done = hpcctl(sandbox_home, tmp_path, *CREATE)
    assert done.returncode == 4, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("head is lost") == 2
    assert done.stderr.count("a second machine for head") == 1
    assert "undone" in done.stderr
    console = sandbox_home / "log" / "dumb-console-head.txt"
    assert str(console) in done.stderr
    assert console.read_text().count("(it shows nothing)") == 1
    first, second = launched(ec2, "dumb", "head")
    assert user_data(ec2, first) == user_data(ec2, second)
    assert user_data(ec2, second).startswith(b"#!/bin/bash")
    (other,) = launched(ec2, "dumb", "node001")
    assert {one["State"]["Name"] for one in (first, second, other)} == {"terminated"}
    assert hpcctl(sandbox_home, tmp_path, "list", "--json").stdout.strip() == "[]"
    assert not (sandbox_home / "clusters" / "dumb").exists()
    console.unlink()


@pytest.mark.fault(
    "a machine that never answers, twice",
    "create: machines boot",
    "the cluster goes on without it (--min-nodes)",
)
def test_a_lost_node_is_replaced_alone_and_then_left_out(
    sandbox_home: Path, ec2: Any, tmp_path: Path
) -> None:
    record, _ = create_until_ssh(sandbox_home, "thin", nodes=3, min_nodes="2")
    workspace = Workspace(home=sandbox_home, name="thin")
    lost = Outcome(unchanged=0, checks=(), failures=(HostFailure(host="node001", step="ssh"),))

    with pytest.raises(SshIsNext):
        settle_lost(workspace, record, lost, context(sandbox_home))
    record = workspace.load()
    assert record.replaced == ("node001",)
    first, second = sorted(launched(ec2, "thin", "node001"), key=lambda one: str(one["State"]["Name"]))
    assert (first["State"]["Name"], second["State"]["Name"]) == ("running", "terminated")
    assert user_data(ec2, first) == user_data(ec2, second)
    assert record.inventory
    assert {host.name: host.instance_id for host in record.inventory.hosts}["node001"] == first["InstanceId"]

    with pytest.raises(SshIsNext):
        settle_lost(workspace, record, lost, context(sandbox_home))
    record = workspace.load()
    assert record.given_up == ("node001",)
    assert record.inventory
    assert [host.name for host in record.inventory.hosts] == ["head", "node002"]
    assert {one["State"]["Name"] for one in launched(ec2, "thin", "node001")} == {"terminated"}

    assert len(launched(ec2, "thin", "head")) == len(launched(ec2, "thin", "node002")) == 1
    gone = hpcctl(sandbox_home, tmp_path, "terminate", "--yes", "thin")
    assert gone.returncode == 0, gone.stderr
