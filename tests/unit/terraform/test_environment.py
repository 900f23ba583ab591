"""What the child process sees: our settings, the user's, and none that would surprise."""

from pathlib import Path

import pytest

from hpcctl.terraform.binary import Binary
from hpcctl.terraform.environment import child_environment, write_cli_config

BINARY = Binary(path=Path("/bin/terraform"), version="1.11.4", opentofu=False)


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror that holds the provider."""
    place = tmp_path / "mirror"
    (place / "registry.terraform.io/hashicorp/aws").mkdir(parents=True)
    monkeypatch.setenv("HPCCTL_PROVIDER_MIRROR", str(place))
    monkeypatch.setattr("hpcctl.terraform.environment.find_mirror", lambda registry: place)
    return place


def test_environment_when_a_person_has_settings_then_they_do_not_leak(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TF_LOG", "TF_LOG_PATH", "TF_VAR_region", "TF_CLI_ARGS_apply", "TF_WORKSPACE"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_PROFILE", "lab")
    seen = child_environment(folder, Path("/c"), Path("/d"))
    assert {name: value for name, value in seen.items() if name.startswith(("TF_", "AWS_PROFILE"))} == {
        "TF_CLI_CONFIG_FILE": "/c",
        "TF_DATA_DIR": "/d",
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "AWS_PROFILE": "lab",
    }


def test_environment_when_the_folder_has_its_own_endpoint_then_no_aws_setting_reaches_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "endpoint_override.tf").touch()
    monkeypatch.setenv("AWS_PROFILE", "gone")
    assert "AWS_PROFILE" not in child_environment(folder, Path("/c"), Path("/d"))


def test_cli_config_when_there_is_a_mirror_then_the_provider_comes_from_it(
    tmp_path: Path, mirror: Path
) -> None:
    text = write_cli_config(tmp_path / "h", BINARY).read_text()
    assert f'path    = "{mirror}"' in text
    assert "plugin_cache_dir" not in text


def test_cli_config_when_there_is_none_then_downloads_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_cli_config(tmp_path / "h", BINARY)
    assert "provider_installation" not in path.read_text()
    assert f'plugin_cache_dir = "{tmp_path}/h/terraform/plugins"' in path.read_text()
    assert "plugin_cache_may_break_dependency_lock_file = true" in path.read_text()
    assert (tmp_path / "h/terraform/plugins").is_dir()
    assert path.stat().st_mode & 0o777 == 0o600


def test_cli_config_when_the_user_has_one_then_it_is_completed(tmp_path: Path, mirror: Path) -> None:
    own = tmp_path / "user" / ".terraformrc"
    own.write_text('credentials "example.org" { token = "t" }\n')
    text = write_cli_config(tmp_path / "h", BINARY).read_text()
    assert 'credentials "example.org" { token = "t" }' in text
    assert str(mirror) in text


def test_cli_config_when_the_user_chose_where_providers_come_from_then_that_stays(
    tmp_path: Path, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.tfrc"
    own.write_text("provider_installation {\n  direct {}\n}\n")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(own))
    text = write_cli_config(tmp_path / "h", BINARY).read_text()
    assert "direct {}" in text
    assert str(mirror) not in text


def test_cli_config_when_the_setting_names_a_missing_file_then_it_is_ignored(
    tmp_path: Path, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "missing"))
    assert str(mirror) in write_cli_config(tmp_path / "h", BINARY).read_text()


def test_environment_when_the_folder_is_shared_then_this_machines_profile_and_no_other_keys(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "of-the-shell")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-the-shell")
    (folder / ".aws_profile").write_text("lab\n")
    seen = child_environment(folder, Path("/c"), Path("/d"))
    assert seen["AWS_PROFILE"] == "lab"
    assert "AWS_ACCESS_KEY_ID" not in seen
