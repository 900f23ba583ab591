"""Hosts as other tools want them."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from hpcctl.aws import InstanceState
from hpcctl.overview import ClusterStatus
from hpcctl.roster import as_text, roster, seats, seats_text
from hpcctl.spec.model import Authorized, Role
from hpcctl.workspace import Entry, Workspace, write_files
from tests.unit.records import RECORD, SPEC

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIISBUEsaz8YgxNGs6+0nrlYWuoHod+ZIP/UFwWytwwbD"


def status(folder: Path, name: str = "lab-01", *, instances: tuple[InstanceState, ...] = ()) -> ClusterStatus:
    people = (Authorized(user="anna", public_key=KEY), Authorized(user="ben", public_key=KEY))
    record = replace(RECORD, spec=replace(SPEC, name=name, class_name="lab", authorized=people))
    workspace = Workspace(home=folder, name=name)
    workspace.save(record)
    write_files(workspace.path / "ssh", {"known_hosts": f"{name}-head {KEY}\n{name}-node001 {KEY}x\n"})
    entry = Entry(workspace=workspace, record=record)
    return ClusterStatus(entry=entry, state="running", instances=instances)


def instance(node: str, **more: str | None) -> InstanceState:
    values = {"private_ip": "10.0.0.99", "public_ip": "127.9.9.9", **more}
    return InstanceState(
        instance_id="i-9",
        name=f"lab-01-{node}",
        cluster="lab-01",
        cluster_id="0a1b2c3d",
        node=node,
        role=Role.HEAD if node == "head" else Role.COMPUTE,
        state="running",
        instance_type="c5.9xlarge",
        zone="us-east-1a",
        launch_time=datetime.now(timezone.utc),
        volumes=(),
        share_volume=None,
        owner="me",
        **values,
    )


def test_what_the_cloud_says_comes_before_what_is_remembered(tmp_path: Path) -> None:
    head, node = roster([status(tmp_path, instances=(instance("head"),))])
    assert (head.host, head.state, head.public_ip, head.instance_type) == (
        "lab-01-head",
        "running",
        "127.9.9.9",
        "c5.9xlarge",
    )
    assert (node.state, node.public_ip, node.instance_type, node.group) == ("gone", None, "c5.xlarge", "node")


def test_without_a_cloud_it_is_what_is_remembered(tmp_path: Path) -> None:
    for known in (replace(status(tmp_path), asked=False), replace(status(tmp_path), problem="no answer")):
        head, node = roster([known])
        assert (head.state, head.public_ip, node.private_ip) == (None, "127.1.2.3", "10.0.0.11")


def test_formats_of_other_tools(tmp_path: Path) -> None:
    lines = roster([replace(status(tmp_path, name), asked=False) for name in ("lab-01", "lab-02")])
    assert as_text(lines, "names", ssh_config="x").splitlines() == [
        f"lab-0{number}-{node}" for number in (1, 2) for node in ("head", "node001")
    ]
    hosts = as_text(lines[:2], "etc-hosts", ssh_config="x")
    assert hosts == "127.1.2.3 lab-01-head lab-01\n10.0.0.11 lab-01-node001\n"
    ansible = as_text(lines, "ansible", ssh_config="/home/me/ssh_config")
    assert "[lab_01]\nlab-01-head hpcctl_node=head hpcctl_group=head\n" in ansible
    assert "[lab:children]\nlab_01\nlab_02\n" in ansible
    assert "[compute]\nlab-01-node001\nlab-02-node001\n" in ansible
    assert 'ansible_ssh_common_args=-F "/home/me/ssh_config"' in ansible


def test_a_student_can_paste_the_block_of_a_seat(tmp_path: Path) -> None:
    known = replace(status(tmp_path), asked=False)
    anna, ben = seats([known], [known.entry.workspace])
    assert (anna.user, ben.user, anna.address, anna.host_key) == ("anna", "ben", "127.1.2.3", KEY)
    text = seats_text([anna])
    (tmp_path / "config").write_text(text)
    shown = subprocess.run(
        ["ssh", "-F", str(tmp_path / "config"), "-G", "lab-01"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert {"user anna", "hostname 127.1.2.3", "port 2222", "hostkeyalias lab-01-head"} <= set(shown)
    assert f"# lab-01-head {KEY}\n" in text
