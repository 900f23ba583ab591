"""Where the AWS provider is looked for on this machine, and which versions fit."""

from pathlib import Path

import pytest

from hpcctl.terraform import mirror
from hpcctl.terraform.mirror import find_mirror, serves

REGISTRY = "registry.terraform.io"


@pytest.fixture(autouse=True)
def _one_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "_target", lambda: "linux_amd64")


def _unpacked(place: Path, version: str, target: str = "linux_amd64") -> Path:
    (place / REGISTRY / "hashicorp" / "aws" / version / target).mkdir(parents=True)
    return place


@pytest.mark.parametrize(
    ("version", "target", "fits"),
    [
        ("5.100.0", "linux_amd64", True),
        ("5.101.2", "linux_amd64", True),
        ("5.99.9", "linux_amd64", False),
        ("6.0.0", "linux_amd64", False),
        ("5.100.0", "darwin_arm64", False),
        ("latest", "linux_amd64", False),
    ],
)
def test_serves_when_unpacked_then_version_and_platform_decide(
    tmp_path: Path, version: str, target: str, fits: bool
) -> None:
    assert serves(_unpacked(tmp_path, version, target), REGISTRY) is fits


def test_serves_when_packed_then_the_file_name_decides(tmp_path: Path) -> None:
    folder = tmp_path / REGISTRY / "hashicorp" / "aws"
    folder.mkdir(parents=True)
    assert not serves(tmp_path, REGISTRY)
    (folder / "terraform-provider-aws_5.100.0_linux_amd64.zip").touch()
    assert serves(tmp_path, REGISTRY)
    assert not serves(tmp_path, "registry.opentofu.org")


def test_find_when_a_setting_names_a_folder_then_only_that_one(tmp_path: Path) -> None:
    place = _unpacked(tmp_path / "m", "5.100.0")
    assert find_mirror(REGISTRY, {"HPCCTL_PROVIDER_MIRROR": str(place)}) == place
    assert find_mirror(REGISTRY, {"HPCCTL_PROVIDER_MIRROR": str(tmp_path / "other")}) is None


def test_find_when_below_a_software_root_then_it_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "_SOFTWARE_ROOTS", (str(tmp_path / "missing"), str(tmp_path)))
    monkeypatch.setattr(mirror, "_USUAL", ())
    _unpacked(tmp_path / "a" / "too-old", "5.2.0")
    place = _unpacked(tmp_path / "site" / "terraform", "5.100.0")
    assert find_mirror(REGISTRY, {}) == place


def test_find_when_it_is_too_deep_then_it_is_not_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "_SOFTWARE_ROOTS", (str(tmp_path),))
    monkeypatch.setattr(mirror, "_USUAL", ())
    _unpacked(tmp_path / "1" / "2" / "3" / "4", "5.100.0")
    assert find_mirror(REGISTRY, {}) is None


def test_find_when_in_the_users_own_folder_then_before_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(mirror, "_SOFTWARE_ROOTS", ())
    place = _unpacked(tmp_path / ".terraform.d" / "plugins", "5.100.0")
    assert find_mirror(REGISTRY, {}) == place
