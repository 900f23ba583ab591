"""All steps of a cluster: the scripts against golden files, and what must hold for every step."""

import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.configure import check_stages, configure_stages, leave_stages
from hpcctl.schedulers import scheduler
from hpcctl.spec.model import Role
from hpcctl.steps.model import On, Run, Stage, Step
from hpcctl.steps.script import script_for
from hpcctl.steps.view import ClusterView

GOLDEN = Path(__file__).parents[1] / "golden" / "steps"
LIBRARY_END = "begin "
ALL = frozenset({"head", "node001", "node002"})


def stages(view: ClusterView) -> tuple[Stage, ...]:
    sge = scheduler("sge")
    return (*configure_stages(view, sge), *check_stages(view, sge), *leave_stages(view, sge, ALL))


def body(script: str) -> str:
    """A script without the library that all of them begin with."""
    return script[script.index("\nbegin ") + 1 :] if script else ""


def matches_golden(path: Path, text: str) -> None:
    if os.environ.get("HPCCTL_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert text == path.read_text(), f"{path.name} differs; HPCCTL_GOLDEN=1 rewrites it"


@pytest.mark.parametrize("role", list(Role))
def test_scripts_are_the_golden_ones(view: ClusterView, role: Role) -> None:
    for stage in stages(view):
        name = f"{stage.name.replace(' ', '-')}.{role.value}.sh"
        matches_golden(GOLDEN / name, body(script_for(stage, role)))


@pytest.mark.parametrize("role", list(Role))
def test_what_a_cluster_file_adds_is_in_steps_of_its_own(
    view: ClusterView, rich: ClusterView, role: Role
) -> None:
    """The steps that differ from those of a cluster of four words."""

    def steps(of: ClusterView) -> dict[str, str]:
        scripts = (body(script_for(stage, role)) for stage in stages(of))
        found = (step for script in scripts for step in re.split(r"(?m)^(?=begin )", script))
        return {step.splitlines()[0]: step for step in found if step}

    plain, added = steps(view), steps(rich)
    text = "".join(step for name, step in added.items() if plain.get(name) != step)
    gone = "".join(f"# left out: {name}\n" for name in sorted(plain.keys() - added.keys()))
    matches_golden(GOLDEN / f"rich.{role.value}.sh", gone + text)


@pytest.mark.parametrize("role", list(Role))
def test_scripts_are_valid_bash(view: ClusterView, rich: ClusterView, role: Role) -> None:
    for stage in (*stages(view), *stages(rich)):
        checked = subprocess.run(
            ["bash", "-n"], input=script_for(stage, role), text=True, capture_output=True, check=False
        )
        assert checked.stderr == "", stage.name


def test_configuring_steps_can_all_be_skipped(view: ClusterView, rich: ClusterView) -> None:
    """A command whose test can never succeed would change something at every run."""
    for stage in (*configure_stages(view, scheduler("sge")), *configure_stages(rich, scheduler("sge"))):
        for step in stage.steps:
            for action in step.actions:
                assert not (isinstance(action, Run) and action.unless.strip() in {"", "false"}), step.name


def test_names_of_steps_are_unique_within_a_host(view: ClusterView, rich: ClusterView) -> None:
    for stage in (*stages(view), *stages(rich)):
        for role in Role:
            names = re.findall(r"^begin (.*)$", script_for(stage, role), re.MULTILINE)
            assert len(names) == len(set(names)), stage.name


def test_the_cluster_key_stays_on_the_head(view: ClusterView) -> None:
    for stage in stages(view):
        assert "PRIVATE KEY" not in script_for(stage, Role.COMPUTE)


def test_a_cluster_of_one_has_no_compute_node_to_wait_for(view: ClusterView) -> None:
    alone = replace(view, hosts=view.hosts[:1], host_keys=view.host_keys[:1])
    text = "".join(script_for(stage, Role.HEAD) for stage in stages(alone))
    assert "node001" not in text
    assert "\n/share\n" not in text  # an export that names no host is for all the world


def test_the_host_keys_of_all_nodes_are_known_by_every_name(view: ClusterView) -> None:
    reach = configure_stages(view, scheduler("sge"))[0]
    script = script_for(reach, Role.HEAD)
    assert "node002,demo-node002,10.71.0.12 ssh-ed25519 AAAAnode002" in script
    assert "StrictHostKeyChecking no" not in script


def test_permanent_uses_the_sandbox_s_address_only_there(view: ClusterView) -> None:
    def permanent(of: ClusterView) -> str:
        steps: list[Step] = [step for stage in stages(of) for step in stage.steps if step.name == "permanent"]
        return script_for(Stage(name="x", steps=tuple(steps)), Role.COMPUTE)

    assert "url=https://s3.us-east-1.amazonaws.com" in permanent(view)
    local = permanent(replace(view, s3_url="http://169.254.169.253"))
    assert "url=http://169.254.169.253,use_path_request_style" in local
    assert "amazonaws" not in local


def test_every_step_says_where_it_runs(view: ClusterView) -> None:
    assert all(isinstance(step.on, On) for stage in stages(view) for step in stage.steps)


def test_the_master_stays_when_only_compute_nodes_leave(view: ClusterView) -> None:
    leaving = leave_stages(view, scheduler("sge"), frozenset({"node001"}))
    on_head = [step.name for stage in leaving for step in stage.steps if step.on is On.HEAD]
    assert on_head == ["jobs put back"]
    script = script_for(leaving[1], Role.HEAD)
    assert "*@node001" in script
    assert "*@node002" not in script
