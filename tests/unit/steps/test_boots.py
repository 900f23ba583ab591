"""Waiting for nodes to be in another boot, by a real bash, with stand-ins for clush and for long pauses."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path

import pytest

from hpcctl.spec.model import Role
from hpcctl.steps import boots
from hpcctl.steps.boots import Boot, rebooted
from hpcctl.steps.model import Stage
from hpcctl.steps.script import script_for

CLUSH = """#!/bin/bash
# answers what the file of this attempt says
attempt=$(cat "$STATE/attempt" 2>/dev/null || echo 1)
echo $((attempt + 1)) >"$STATE/attempt"
[ -e "$STATE/$attempt" ] || attempt=last
cat "$STATE/$attempt"
exit 255
"""
SLEEP = """#!/bin/sh
# between two attempts
exec /bin/sleep 0.05
"""


def waited(tmp_path: Path, *answers: str) -> str:
    """What the step tells when the nodes answer so, one time after the other, the last answer for ever."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in (("clush", CLUSH), ("sleep", SLEEP)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    for number, answer in enumerate(answers, 1):
        (tmp_path / str(number)).write_text(answer)
    (tmp_path / "last").write_text(answers[-1])
    old = (Boot(host="node001", boot_id="aa-1"), Boot(host="node002", boot_id="bb-2"))
    step = rebooted(old, user="hpc", key_path="/key")
    done = subprocess.run(
        ["bash", "-s"],
        input=script_for(Stage(name="reboot", steps=(step,)), Role.HEAD),
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "STATE": str(tmp_path)},
        text=True,
        capture_output=True,
        timeout=60,
        check=True,
    )
    return base64.b64decode(done.stdout.split("\t")[-1]).decode()


def test_it_waits_until_every_node_is_in_another_boot(tmp_path: Path) -> None:
    told = waited(
        tmp_path,
        "node001: aa-1\nnode002: bb-2\n",
        "node002: bb-3\n",
        "node001: Connection refused\nnode002: bb-3\n",
        "node001: aa-9\nnode002: bb-3\n",
    )
    assert told == ""
    assert (tmp_path / "attempt").read_text() == "5\n"


def test_nodes_that_never_restart_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boots, "REBOOT_SECONDS", 1)
    assert waited(tmp_path, "node001: aa-1\nnode002: bb-3\n").split() == ["node001"]
