"""The program that decides on a node whether its time has come, run by a real bash."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.configure import lifetime_stage
from hpcctl.schedulers import scheduler
from hpcctl.spec.model import Role
from hpcctl.steps.script import script_for
from hpcctl.steps.view import ClusterView, Lifetime
from hpcctl.templating import render_template

NOW = 1_000_000
HOUR = 3600


@pytest.mark.parametrize(
    ("ends", "told", "up", "does"),
    [
        (NOW + HOUR, NOW - 60, HOUR, "nothing"),
        (NOW + 600, NOW - 60, HOUR, "warns"),
        (NOW, NOW - 60, HOUR, "leaves, powers off"),
        (NOW - 60, NOW - HOUR, 3 * HOUR, "leaves, powers off"),
        (NOW, NOW - 10, 60, "leaves, powers off"),
        # It was rebooted, or was told before it was stopped: what it knows is of an earlier start.
        (NOW, NOW - 2 * HOUR, HOUR, "leaves, powers off"),
        (NOW, NOW - 2 * HOUR, 600, "warns"),
        (NOW - 5 * HOUR, NOW - 7 * HOUR, HOUR, "nothing"),
        (NOW - 5 * HOUR, NOW - 7 * HOUR, 2 * HOUR, "leaves, powers off"),
    ],
)
def test_the_program_of_a_node(tmp_path: Path, ends: int, told: int, up: int, does: str) -> None:
    (tmp_path / "uptime").write_text(f"{up}.25 1.0\n")
    (tmp_path / "leave").write_text("echo leaves,\n")
    (tmp_path / "lifetime").touch()
    os.utime(tmp_path / "lifetime", (told, told))
    program = render_template("steps/lifetime.sh.j2", ends=ends, seconds=2 * HOUR, cluster="demo")
    program = program.replace("/proc/uptime", str(tmp_path / "uptime"))
    program = program.replace("/usr/lib/hpcctl", str(tmp_path))
    fakes = f"date() {{ echo {NOW}; }}; wall() {{ echo warns; }}; systemctl() {{ echo powers off; }}\n"
    done = subprocess.run(
        ["bash"], input=fakes + program, capture_output=True, text=True, timeout=60, check=False
    )
    assert " ".join(done.stdout.split()) == ("" if does == "nothing" else does), done.stderr


def test_the_head_goes_last_and_puts_the_jobs_back(view: ClusterView) -> None:
    stage = lifetime_stage(replace(view, lifetime=Lifetime(ends=NOW, seconds=HOUR)), scheduler("sge"))
    head, compute = (script_for(stage, role) for role in (Role.HEAD, Role.COMPUTE))
    assert f"ends={NOW} " in compute
    assert f"ends={NOW + 45} " in head
    assert "qmod -rj" in head
    assert "qmod" not in compute
    for script in (head, compute):
        assert "systemctl stop gridengine-exec" in script
        assert "OnCalendar=1970-01-12" in script


def test_without_a_lifetime_there_is_no_timer(view: ClusterView) -> None:
    stage = lifetime_stage(view, scheduler("sge"))
    assert stage.steps == ()
