"""A cluster whose folder is lost, in part or wholly, on this machine or on another: the account tells it all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from hpcctl import sandbox
from hpcctl.aws.firewall import firewalls
from hpcctl.workspace import Workspace
from tests.sandbox.machine import Machine

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform]


@pytest.fixture(scope="module")
def here(sandbox_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A cluster of three, made up to the first connection: its machines are records."""
    machine = Machine(sandbox_home, tmp_path_factory.mktemp("user"))
    made = machine("wreck", "3", module="bench.until_ssh")
    assert made.returncode == 0, made.stderr
    yield machine
    machine("terminate", "--yes", "--missing-ok", "wreck")


def values(workspace: Workspace) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((workspace.terraform / "terraform.tfvars.json").read_text())
    return found


@pytest.mark.fault(
    "$HPCCTL_HOME is lost", "recover: on another machine", "the same record, and an empty plan"
)
def test_another_machine_takes_the_cluster_over(here: Machine, tmp_path: Path) -> None:
    there = Machine(tmp_path / "home", tmp_path / "user")
    there.home.mkdir()
    cloud = sandbox.cloud(here.home)
    profile = f'endpoint_url = "{cloud.endpoint_url}"\n ssh_from = "{cloud.ssh_from[0]}"\n ssh_port = {cloud.ssh_port}'
    (there.home / "config.hcl").write_text(f'profile "lab" {{\n region = "{cloud.region}"\n {profile}\n}}\n')
    named = there("--profile", "lab", "update-ssh")
    assert "not known here: wreck (3 nodes, lab, us-east-1)" in named.stderr
    done = there("recover", "--profile", "lab", "wreck")
    assert "Terraform plans no change" in done.stdout
    # Its machines are records: none ever told a host key, so none is trusted with a new login.
    assert done.returncode == 1
    assert "still lost: ssh/id_ed25519, ssh/cluster_ed25519, ssh/known_hosts: nothing here" in done.stderr
    before, after = here.workspace("wreck").load(), there.workspace("wreck").load()
    for field in ("spec", "facts", "base", "inventory", "addresses", "created", "cluster_id"):
        assert getattr(after, field) == getattr(before, field), field
    mine, theirs = values(here.workspace("wreck")), values(there.workspace("wreck"))
    assert {name for name in mine if mine[name] != theirs[name]} == {"user_data"}
    assert "not known here" not in there("update-ssh", "--profile", "lab").stderr


@contextmanager
def addresses_told(address: str) -> Iterator[str]:
    """The URL of a service that says from where one calls."""

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f"{address}\n".encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.fault(
    "the user's address has changed",
    "update-ssh",
    "the firewall follows it, and Terraform's plan stays empty",
)
def test_the_firewall_follows_the_user(here: Machine) -> None:
    workspace = here.workspace("wreck")
    before = workspace.load()
    with addresses_told("198.51.100.7") as service:
        elsewhere = replace(before.cloud, ssh_from=(), address_service=service)
        workspace.save(replace(before, cloud=elsewhere))
        told = here("update-ssh")
        assert "198.51.100.7/32" in told.stdout + told.stderr, told.stderr
        again = here("update-ssh")
        assert "198.51.100.7/32" not in again.stdout + again.stderr
    (group,) = firewalls(before.cloud, before.cluster_id)
    assert group.networks == ("198.51.100.7/32",)
    assert values(workspace)["ssh_from"] == ["198.51.100.7/32"]
    seen = {
        one["check"]: one["result"] for one in json.loads(here("doctor", "--json", "--plan", "wreck").stdout)
    }
    assert seen["plan"] == "ok"
    after = workspace.load()
    assert after.facts
    assert after.facts.ssh_from == ("198.51.100.7/32",)
    workspace.save(replace(after, cloud=before.cloud))


@pytest.mark.fault(
    "cluster.json and Terraform's state are damaged", "recover", "written again; keys and host keys are kept"
)
def test_a_damaged_record_and_state_are_written_again(here: Machine) -> None:
    workspace = here.workspace("wreck")
    record, given = workspace.load(), values(workspace)
    keys = {path.name: path.read_bytes() for path in (workspace.path / "ssh").iterdir()}
    workspace.record_path.write_text('{"schema": 1, "spec"')
    (workspace.terraform / "terraform.tfstate").write_text('{"version": 4, "resour')
    shutil.rmtree(workspace.terraform / "modules" / "nodes")
    refused = here("terminate", "--yes", "wreck")
    assert refused.returncode == 1
    assert "hpcctl recover wreck" in refused.stderr
    done = here("--profile", "sandbox", "recover", "wreck")
    assert done.returncode == 0, done.stderr
    assert "cluster.json" in done.stdout
    assert workspace.load().inventory == record.inventory
    assert values(workspace) == given
    assert keys == {path.name: path.read_bytes() for path in (workspace.path / "ssh").iterdir()}
    seen = {one["check"]: one["result"] for one in json.loads(here("doctor", "--json", "wreck").stdout)}
    assert seen.pop("login") == "problem"  # its machines are records
    assert seen.pop("state") == "warning"  # and its create was never finished
    assert set(seen.values()) == {"ok"}
    again = here("recover", "wreck")
    assert (again.returncode, again.stdout) == (0, "wreck: nothing is lost\n")


@pytest.mark.fault(
    "half of Terraform's main.tf is lost", "terminate, then recover", "the way out is named; written again"
)
def test_half_a_terraform_file_is_written_again(here: Machine) -> None:
    workspace = here.workspace("wreck")
    given = values(workspace)
    path = workspace.terraform / "main.tf"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    stuck = here("doctor", "--json", "--plan", "wreck")
    assert "recover --force wreck" in stuck.stdout
    done = here("recover", "wreck")
    assert done.returncode == 0, done.stderr
    assert "written again: terraform/main.tf" in done.stdout
    assert (path.read_bytes(), values(workspace)) == (whole, given)


@pytest.mark.fault(
    "machines and record are gone at once", "recover", "what is missing is named; terminate cleans up"
)
def test_what_is_gone_for_good_is_named(here: Machine, ec2: Any) -> None:
    workspace = here.workspace("wreck")
    inventory = workspace.load().inventory
    assert inventory
    ids = {host.name: host.instance_id for host in inventory.hosts}
    workspace.record_path.unlink()
    ec2.terminate_instances(InstanceIds=[ids["node002"]])
    done = here("--profile", "sandbox", "recover", "wreck")
    assert done.returncode == 1
    assert "node002 is gone" in done.stderr
    assert workspace.load().spec.nodes == 3
    workspace.record_path.unlink()
    ec2.terminate_instances(InstanceIds=[ids["head"]])
    done = here("--profile", "sandbox", "recover", "wreck")
    assert done.returncode == 1
    assert "has no head any more; take away the rest of it: hpcctl terminate wreck" in done.stderr
    gone = here("terminate", "--yes", "wreck")
    assert gone.returncode == 0, gone.stderr
    nothing = here("--profile", "sandbox", "recover", "wreck")
    assert nothing.returncode == 1
    assert "there is no cluster called wreck" in nothing.stderr
