"""Which Terraform is taken, and what is said when none can be."""

from pathlib import Path

import pytest

from hpcctl.errors import TerraformError
from hpcctl.terraform.binary import find_binary
from tests.unit.terraform.conftest import FakeTerraform


def test_find_when_on_path_then_it_is_taken(fake: FakeTerraform, tmp_path: Path) -> None:
    program = fake()
    binary = find_binary(tmp_path, {"PATH": str(program.parent)})
    assert (binary.path, binary.version, binary.name) == (program, "1.11.4", "Terraform")


def test_find_when_only_under_home_then_that_one(fake: FakeTerraform, tmp_path: Path) -> None:
    program = fake()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "terraform").symlink_to(program)
    assert find_binary(tmp_path, {"PATH": "/nowhere"}).path == tmp_path / "bin" / "terraform"


def test_find_when_opentofu_then_its_own_registry(fake: FakeTerraform, tmp_path: Path) -> None:
    binary = find_binary(tmp_path, {"PATH": str(fake(name="tofu", version="1.8.0").parent)})
    assert (binary.name, binary.registry) == ("OpenTofu", "registry.opentofu.org")


def test_find_when_there_is_none_then_the_hint_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(TerraformError, match="not installed") as caught:
        find_binary(tmp_path, {"PATH": "/nowhere"})
    assert "hpcctl setup" in caught.value.hint


@pytest.mark.parametrize("version", ["1.6.6", "0.15.0", ""])
def test_find_when_too_old_then_the_version_is_named(
    fake: FakeTerraform, tmp_path: Path, version: str
) -> None:
    program = fake(version=version)
    with pytest.raises(TerraformError, match=f"{program} is version {version or 'unknown'}") as caught:
        find_binary(tmp_path, {"PATH": str(program.parent)})
    assert "1.7" in caught.value.hint


def test_find_when_the_one_on_path_is_too_old_then_the_next_is_taken(
    fake: FakeTerraform, tmp_path: Path
) -> None:
    old = tmp_path / "old"
    old.mkdir()
    (old / "terraform").write_text('#!/bin/sh\necho \'{"terraform_version": "1.2.3"}\'\n')
    (old / "terraform").chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "terraform").symlink_to(fake())
    assert find_binary(tmp_path, {"PATH": str(old)}).version == "1.11.4"


def test_find_when_a_setting_names_one_then_no_other_is_tried(fake: FakeTerraform, tmp_path: Path) -> None:
    environment = {"PATH": str(fake().parent), "HPCCTL_TERRAFORM": "/nowhere/terraform"}
    with pytest.raises(TerraformError, match="there is no program /nowhere/terraform"):
        find_binary(tmp_path, environment)


def test_find_when_the_program_is_something_else_then_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(TerraformError, match="does not run as Terraform does"):
        find_binary(tmp_path, {"PATH": "", "HPCCTL_TERRAFORM": "/bin/true"})


@pytest.mark.parametrize(("version", "is_enough"), [("1.9.8", False), ("1.10.0", True), ("1.11.4", True)])
def test_shared_state_needs_a_terraform_that_locks_with_a_file(
    fake: FakeTerraform, tmp_path: Path, version: str, is_enough: bool
) -> None:
    binary = find_binary(tmp_path, {"PATH": str(fake(version=version).parent)})
    if is_enough:
        binary.require_shared_state()
        return
    with pytest.raises(
        TerraformError, match=r'state = "s3" needs Terraform 1\.10 or newer, and .* is 1\.9\.8'
    ):
        binary.require_shared_state()
