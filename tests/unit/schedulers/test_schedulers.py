"""Schedulers are found by their modules alone; what one of them is asked for reaches the stages."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl import schedulers
from hpcctl.configure import check_stages, configure_stages, leave_stages
from hpcctl.schedulers import names, scheduler
from hpcctl.spec.model import Role
from hpcctl.steps.script import script_for
from hpcctl.steps.view import ClusterView, HostGroup
from hpcctl.templating import quote_shell, render_template

TOY = """
from hpcctl.steps.model import On, Run, Step

class Toy:
    title = "Toy"
    usage = ("toy run   a job",)

    def begin(self, view):
        return (Step(name="toy", on=On.ALL, actions=(Run(command="echo toy", unless="test -e /toy"),)),)

    def configure(self, view): return ()
    def join(self, view): return ()
    def check(self, view): return ()
    def check_cluster(self, view): return ()
    def leave(self, view, nodes): return ()

SCHEDULER = Toy()
"""


def scripts(view: ClusterView, name: str, role: Role) -> str:
    """All that hosts of a role would run in the life of a cluster."""
    chosen = scheduler(name)
    every = frozenset(host.name for host in view.hosts)
    stages = (
        *configure_stages(view, chosen),
        *check_stages(view, chosen),
        *leave_stages(view, chosen, every),
    )
    return "\n".join(script_for(stage, role) for stage in stages)


def test_a_module_in_the_folder_is_all_that_a_scheduler_takes(
    view: ClusterView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "toy.py").write_text(TOY)
    monkeypatch.setattr(schedulers, "__path__", [*schedulers.__path__, str(tmp_path)])
    assert names() == ("none", "sge", "toy")
    script = scripts(view, "toy", Role.COMPUTE)
    assert "run 'echo toy' 'test -e /toy'" in script
    assert "with Toy, Open MPI" in script
    assert "toy run   a job" in script
    sys.modules.pop("hpcctl.schedulers.toy")


def test_the_names_are_known_without_importing_a_scheduler() -> None:
    code = (
        "import sys; from hpcctl.schedulers import names; names();"
        " sys.exit('hpcctl.schedulers.sge' in sys.modules or 'jinja2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_a_scheduler_no_host_hears_of_grid_engine(view: ClusterView) -> None:
    for role in Role:
        script = scripts(view, "none", role)
        assert "gridengine" not in script
        assert "qhost" not in script
        assert "mpirun --hostfile /etc/hpcctl/hostfile" in script


@pytest.mark.parametrize("name", ["none", "sge"])
def test_a_head_that_runs_no_jobs_is_asked_for_none(view: ClusterView, name: str) -> None:
    head, nodes = view.groups
    idle = replace(view, groups=(replace(head, runs_jobs=False), nodes))
    script = scripts(idle, name, Role.HEAD)
    assert "for name in node001 node002; do" in script
    assert "\nnode001\nnode002\nEND_" in script  # the hostfile
    assert "gridengine-exec.service.d" not in script
    if name == "sge":
        assert "group_name @allhosts\nhostlist node001 node002\n" in script
        assert "-pe pernode 2" in script
        assert "qconf -as head,node001,node002" in script


def test_groups_are_host_groups_with_slots_of_their_own(view: ClusterView) -> None:
    groups = (
        HostGroup(name="head", hosts=("head",)),
        HostGroup(name="big", hosts=("node001",), cpus_per_slot=4),
        HostGroup(name="gpu", hosts=("node002", "node003")),
    )
    script = scripts(replace(view, groups=groups), "sge", Role.HEAD)
    assert "group_name @big\nhostlist node001\n" in script
    assert "group_name @gpu\nhostlist node002\n" in script  # node003 was given up
    assert "'\"'\"'node001 4'\"'\"'" in script


def test_slots_are_processors_by_the_number_that_one_stands_for() -> None:
    functions = render_template("sge/slots.sh.j2", cpus_per_slot="big001 4\nbig002 4\nodd001 16")
    lines = ("HOSTNAME ARCH NCPU", "global - -", "head lx 4", "big001 lx 8", "big002 - -", "odd001 lx 8")
    qhost = f"qhost() {{ printf '%s\\n' {' '.join(map(quote_shell, lines))}; }}\n"
    done = subprocess.run(
        ["bash", "-euc", functions + qhost + "slots_wanted"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "0,[head=4],[big001=2],[odd001=1]"
