"""Which Cloud a name stands for."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcctl.clouds import profile_name, resolve
from hpcctl.errors import ConfigError
from hpcctl.home import home_folder
from hpcctl.spec.model import Cloud


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An AWS CLI with two profiles, one of them with a region."""
    config, secrets = tmp_path / "aws-config", tmp_path / "aws-credentials"
    config.write_text(
        "[default]\nregion = us-west-2\n[profile research]\nregion = eu-west-1\n[sso-session x]\n"
    )
    secrets.write_text("[old]\naws_access_key_id = AKIA\naws_secret_access_key = %secret\n")
    return {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(secrets)}


def cloud(name: str, home: Path, environ: dict[str, str], region: str | None = None) -> Cloud:
    return resolve(name, home=home, environ=environ, region=region)


def test_aws_takes_the_region_of_the_default_profile(tmp_path: Path, environ: dict[str, str]) -> None:
    found = cloud("aws", tmp_path, environ)
    assert (found.profile, found.region, found.aws_profile, found.endpoint_url) == (
        "aws",
        "us-west-2",
        None,
        None,
    )
    assert found.owner


def test_the_option_wins_over_the_environment_and_that_over_the_files(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    environ["AWS_DEFAULT_REGION"] = "us-east-1"
    assert cloud("aws", tmp_path, environ).region == "us-east-1"
    environ["AWS_REGION"] = "us-east-2"
    assert cloud("aws", tmp_path, environ).region == "us-east-2"
    assert cloud("aws", tmp_path, environ, "ca-central-1").region == "ca-central-1"


def test_the_profile_of_the_environment_is_remembered(tmp_path: Path, environ: dict[str, str]) -> None:
    environ["AWS_PROFILE"] = "research"
    found = cloud("aws", tmp_path, environ)
    assert (found.aws_profile, found.region) == ("research", "eu-west-1")


def test_keys_in_the_environment_win_over_its_profile(tmp_path: Path, environ: dict[str, str]) -> None:
    environ.update(AWS_PROFILE="research", AWS_ACCESS_KEY_ID="AKIA", AWS_REGION="us-east-1")
    assert cloud("aws", tmp_path, environ).aws_profile is None


def test_a_profile_of_the_aws_cli_is_one_of_ours(tmp_path: Path, environ: dict[str, str]) -> None:
    found = cloud("research", tmp_path, environ)
    assert (found.profile, found.region, found.aws_profile) == ("research", "eu-west-1", "research")


def test_a_profile_of_config_hcl_comes_first(tmp_path: Path, environ: dict[str, str]) -> None:
    (tmp_path / "config.hcl").write_text(
        'profile "research" {\n  region = "sa-east-1"\n  endpoint_url = "http://127.0.0.1:5000"\n'
        '  owner = "alice"\n  ssh_from = "127.0.0.0/8"\n  ssh_port = 2222\n  boot_seconds = 120\n}\n'
    )
    environ["AWS_PROFILE"] = "old"
    assert cloud("research", tmp_path, environ) == Cloud(
        profile="research",
        region="sa-east-1",
        endpoint_url="http://127.0.0.1:5000",
        node_endpoint_url="http://127.0.0.1:5000",
        ssh_port=2222,
        boot_seconds=120,
        ssh_from=("127.0.0.0/8",),
        owner="alice",
    )


def test_an_unknown_profile_is_answered_with_the_nearest(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        cloud("reserch", tmp_path, environ)
    assert caught.value.hint == "did you mean research?"
    with pytest.raises(ConfigError) as caught:
        cloud("zzz", tmp_path, environ)
    assert caught.value.hint == "the profiles are: aws, sandbox, old, default, research"


def test_without_a_region_all_three_ways_are_named(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        cloud("old", tmp_path, environ)
    assert all(way in caught.value.hint for way in ("--region", "AWS_REGION", "config.hcl"))


def test_a_region_that_cannot_be_one_is_refused(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="'mars' is not a region"):
        cloud("aws", tmp_path, environ, "mars")


def test_a_damaged_aws_config_is_told(tmp_path: Path, environ: dict[str, str]) -> None:
    Path(environ["AWS_CONFIG_FILE"]).write_text("region = x\n")
    with pytest.raises(ConfigError, match="aws-config cannot be understood"):
        cloud("aws", tmp_path, environ)


def test_no_aws_files_at_all_are_no_error(tmp_path: Path) -> None:
    nowhere = {"AWS_CONFIG_FILE": str(tmp_path / "a"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "b")}
    assert cloud("aws", tmp_path, nowhere, "us-east-1").region == "us-east-1"


@pytest.mark.parametrize(
    ("chosen", "environ", "written", "expected"),
    [
        ("lab", {"HPCCTL_PROFILE": "x"}, "y", "lab"),
        (None, {"HPCCTL_PROFILE": "x"}, "y", "x"),
        (None, {}, "y", "y"),
        (None, {}, "", "aws"),
    ],
)
def test_the_profile_is_chosen_by_option_then_environment_then_file(
    tmp_path: Path, chosen: str | None, environ: dict[str, str], written: str, expected: str
) -> None:
    if written:
        (tmp_path / "config.hcl").write_text(f'default_profile = "{written}"\n')
    assert profile_name(chosen, environ, home=tmp_path) == expected


def test_a_default_profile_that_is_none_is_told_where_it_stands(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    path = tmp_path / "config.hcl"
    path.write_text('\ndefault_profile = "labb"\nprofile "lab" {\n}\n')
    with pytest.raises(ConfigError) as caught:
        cloud("labb", tmp_path, environ)
    assert caught.value.message == f"{path}:2:19: no profile is called 'labb'"
    assert caught.value.hint == "did you mean lab?"


def test_a_role_and_several_networks_come_through(tmp_path: Path, environ: dict[str, str]) -> None:
    role = "arn:aws:iam::123456789012:role/hpc"
    (tmp_path / "config.hcl").write_text(
        f'profile "lab" {{\n  region = "eu-west-1"\n  role_arn = "{role}"\n'
        '  ssh_from = ["10.0.0.0/8", "192.0.2.1"]\n}\n'
    )
    found = cloud("lab", tmp_path, environ)
    assert (found.role_arn, found.ssh_from) == (role, ("10.0.0.0/8", "192.0.2.1/32"))


def test_the_home_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert home_folder({"HPCCTL_HOME": "x"}) == tmp_path / "x"
    assert home_folder({}) == Path.home() / ".hpcctl"
