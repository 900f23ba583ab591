"""Every module by itself, and every rendered root: formatted, valid, tested with a mocked provider."""

import shutil
import subprocess
from pathlib import Path

import pytest

from hpcctl.render import render_base, render_cluster
from hpcctl.resources import data_folder
from hpcctl.terraform import Terraform
from hpcctl.terraform.environment import child_environment
from tests.terraform.conftest import put
from tests.unit.terraform_requests import AWS, ELSEWHERE, base_request, cluster_request

pytestmark = pytest.mark.terraform
MODULES = sorted(path.name for path in (data_folder("terraform") / "modules").iterdir())
FILES = {"README.md", "main.tf", "outputs.tf", "tests", "variables.tf", "versions.tf"}


def _run(terraform: Terraform, folder: Path, data: Path, *arguments: str) -> str:
    done = subprocess.run(
        [str(terraform.binary.path), *arguments],
        cwd=folder,
        env=child_environment(folder, terraform.config, data),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_modules_when_formatted_again_then_nothing_changes(terraform: Terraform, tmp_path: Path) -> None:
    _run(terraform, data_folder("terraform"), tmp_path, "fmt", "-check", "-recursive", "-diff", ".")


@pytest.mark.parametrize("module", MODULES)
def test_module_when_listed_then_it_has_all_its_parts(module: str) -> None:
    assert {path.name for path in (data_folder("terraform") / "modules" / module).iterdir()} >= FILES


@pytest.mark.parametrize("module", MODULES)
def test_module_when_its_own_tests_run_then_they_pass(
    terraform: Terraform, tmp_path: Path, module: str
) -> None:
    folder = tmp_path / module
    shutil.copytree(data_folder("terraform") / "modules" / module, folder)
    data = terraform.init(folder, on_event=lambda _: None)
    # `init` for the tests as well: they are part of what it looks at.
    assert "0 failed" in _run(terraform, folder, data, "test", "-no-color")


@pytest.mark.parametrize("cloud", [AWS, ELSEWHERE], ids=["aws", "endpoint"])
@pytest.mark.parametrize("kind", ["base", "cluster"])
def test_root_when_rendered_then_it_is_valid_and_formatted(
    terraform: Terraform, workspace: Path, cloud: object, kind: str
) -> None:
    if kind == "base":
        put(workspace, render_base(base_request(cloud)))  # type: ignore[arg-type]
    else:
        put(workspace, render_cluster(cluster_request(cloud)))  # type: ignore[arg-type]
    assert terraform.validate(workspace) == ()
    _run(terraform, workspace, workspace, "fmt", "-check", "-diff", "-recursive", ".")
