"""The program that runs on the head, with a real ClusterShell and stand-ins for ssh and sudo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hpcctl.remote.runner import BOOTSTRAP, CONDUCTOR

SSH = """#!/bin/bash
# ssh OPTIONS... HOST COMMAND: runs here; refuses as often as the host's file says, or until there is another, ".in".
for word; do [[ $word == node* ]] && host=$word; done
left=$(cat "$STATE/$host" 2>/dev/null || echo 0)
if [ "$left" -gt 0 ] && [ ! -e "$STATE/$host.in" ]; then
  echo $((left - 1)) >"$STATE/$host"
  echo "ssh: connect to host $host port 22: Connection refused" >&2
  exit 255
fi
export host
exec bash -c "${@: -1}"
"""
SUDO = """#!/bin/bash
shift
exec "$@"
"""
OK = "printf '@@\\t%s\\tchanged\\t12\\t\\n' 'a step'\n"
BAD = "printf '@@\\t%s\\tfailed\\t5\\t%s\\n' 'a step' \"$(echo why | base64 -w0)\"\nexit 1\n"


@pytest.fixture
def world(tmp_path: Path) -> dict[str, str]:
    for name, text in (("ssh", SSH), ("sudo", SUDO)):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(text)
        program.chmod(0o755)
    return {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "STATE": str(tmp_path)}


def conduct(world: dict[str, str], *stages: dict[str, Any], nodes: int = 2, reach: float = 60.0) -> Any:
    plan = {
        "head": "head",
        "nodes": [f"node00{number}" for number in range(1, nodes + 1)],
        "user": "hpc",
        "fanout": 8,
        "reach_seconds": reach,
        "retry_seconds": 0.05,
        "ssh_options": "-oBatchMode=yes",
        "stages": list(stages),
    }
    program = CONDUCTOR.read_text()
    done = subprocess.run(
        [sys.executable, "-c", BOOTSTRAP],
        input=f"{len(program)}\n{program}{json.dumps(plan)}",
        env=world,
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def stage(
    name: str, *, head: str = "", compute: str = "", waits: bool = False, whole: bool = False
) -> dict[str, Any]:
    return {"name": name, "head": head, "compute": compute, "waits": waits, "whole": whole}


def hosts(results: list[dict[str, Any]], stage: str) -> set[str]:
    return {result["host"] for result in results if result["stage"] == stage}


def test_every_host_runs_every_stage_that_it_has_a_script_for(world: dict[str, str]) -> None:
    code, results = conduct(world, stage("one", head=OK), stage("two", head=OK, compute=OK))
    assert code == 0
    assert hosts(results, "one") == {"head"}
    assert hosts(results, "two") == {"head", "node001", "node002"}
    assert {result["state"] for result in results} == {"changed"}
    assert results[0]["seconds"] == 0.012


def test_a_stage_begins_when_the_one_before_has_ended_everywhere(
    world: dict[str, str], tmp_path: Path
) -> None:
    mark = f"for i in {{1..20000}}; do :; done; echo >>{tmp_path}/slow\n{OK}"
    after = f"[ $(wc -l <{tmp_path}/slow) = 2 ] && {OK}"
    code, results = conduct(world, stage("one", compute=mark), stage("two", head=after))
    assert code == 0
    assert hosts(results, "two") == {"head"}


def test_a_node_that_boots_is_tried_again(world: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "node002").write_text("2")
    code, results = conduct(world, stage("one", compute=OK))
    assert code == 0
    assert hosts(results, "one") == {"node001", "node002"}


def test_a_node_that_never_answers_is_named_and_left_out(world: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "node002").write_text("1000")
    code, results = conduct(world, stage("one", compute=OK), stage("two", compute=OK), reach=0.3)
    assert code == 1
    failed = [result for result in results if result["state"] == "failed"]
    assert [(result["host"], result["step"]) for result in failed] == [("node002", "ssh")]
    assert "Connection refused" in failed[0]["output"]
    assert hosts(results, "two") == {"node001"}


def test_a_late_node_holds_nobody_up_and_catches_up(world: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "node002").write_text("1000")
    let_in = f"{OK}echo >{tmp_path}/node002.in\n"
    code, results = conduct(
        world,
        stage("configure", head=OK, compute=OK),
        stage("join", head=let_in),
        stage("check", compute=OK, waits=True),
    )
    assert code == 0
    order = [(result["stage"], result["host"]) for result in results]
    assert set(order[:2]) == {("configure", "head"), ("configure", "node001")}
    assert order[2:5] == [("join", "head"), ("configure", "node002"), ("join", "head")]
    assert set(order[5:]) == {("check", "node001"), ("check", "node002")}


def test_scripts_are_told_who_is_there(world: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "node002").write_text("1000")
    listing = f"echo $hosts_here >>{tmp_path}/here\n"
    let_in = f"{listing}{OK}echo >{tmp_path}/node002.in\n"
    code, _ = conduct(world, stage("one", compute=OK), stage("two", head=let_in))
    assert code == 0
    assert (tmp_path / "here").read_text() == "head node001\nhead node001 node002\n"


def test_a_node_that_answers_and_takes_its_time_is_waited_for(world: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "node002").write_text("1")
    until_it_works = f"until [ -e {tmp_path}/node002.works ]; do sleep 0.02; done\n{OK}"
    slow = f"[ $host = node001 ] || {{ echo >{tmp_path}/node002.works; for i in {{1..200000}}; do :; done; }}\n{OK}"
    code, results = conduct(world, stage("one", head=until_it_works, compute=slow), stage("two", head=OK))
    assert code == 0
    assert [result["stage"] for result in results] == ["one", "one", "one", "two"]


def test_a_node_that_dies_at_work_is_lost_and_what_needs_all_is_left_out(
    world: dict[str, str], tmp_path: Path
) -> None:
    dies = f"[ $host = node001 ] || {{ echo Timeout, server node002 not responding.; exit 255; }}\n{OK}"
    code, results = conduct(
        world,
        stage("one", head=OK, compute=dies),
        stage("each", head=OK, compute=OK, waits=True),
        stage("all", head=OK, waits=True, whole=True),
    )
    assert code == 1
    failed = [result for result in results if result["state"] == "failed"]
    assert [(result["host"], result["step"]) for result in failed] == [("node002", "ssh")]
    assert "not responding" in failed[0]["output"]
    assert hosts(results, "each") == {"head", "node001"}
    assert hosts(results, "all") == set()


def test_a_failed_step_is_told_with_its_output_and_others_go_on(world: dict[str, str]) -> None:
    code, results = conduct(world, stage("one", head=OK, compute=BAD), stage("two", head=OK, compute=OK))
    assert code == 1
    assert {result["output"] for result in results if result["state"] == "failed"} == {"why\n"}
    assert hosts(results, "two") == {"head"}


def test_a_failed_head_ends_the_run_whoever_is_late(world: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "node002").write_text("1000")
    code, results = conduct(world, stage("one", head=BAD, compute=OK), stage("two", head=OK, compute=OK))
    assert code == 1
    assert hosts(results, "two") == set()


def test_a_script_that_dies_without_a_word_is_a_failure(world: dict[str, str]) -> None:
    code, results = conduct(world, stage("one", compute="echo last words\nexit 3\n"), nodes=1)
    assert code == 1
    assert [(result["step"], result["output"]) for result in results] == [("ssh", "last words")]
