"""config.hcl: what is accepted, and how each mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcctl.config import Profile, load_profiles
from hpcctl.errors import ConfigError


def written(home: Path, text: str) -> Path:
    path = home / "config.hcl"
    path.write_text(text)
    return path


def test_without_a_file_there_are_no_profiles(tmp_path: Path) -> None:
    assert load_profiles(tmp_path) == ()


def test_every_key_is_read(tmp_path: Path) -> None:
    written(
        tmp_path,
        """
        # two places
        profile "lab" {
          region = "eu-central-1"
          aws_profile = "research"
          endpoint_url = "http://127.0.0.1:5000"
          node_endpoint_url = "http://10.0.2.2:5000"
          ssh_port = 2222
          owner = "alice"
          ssh_from = "203.0.113.0/24"
        }
        profile "empty" {}
        """,
    )
    assert load_profiles(tmp_path) == (
        Profile(
            name="lab",
            region="eu-central-1",
            aws_profile="research",
            endpoint_url="http://127.0.0.1:5000",
            node_endpoint_url="http://10.0.2.2:5000",
            ssh_port=2222,
            owner="alice",
            ssh_from="203.0.113.0/24",
        ),
        Profile(name="empty"),
    )


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('profile "lab" {\n  region =\n}\n', 2, "not HCL"),
        ("\x00", 1, "not HCL"),
        ('profile "lab" {\n  region = "us-east-1"\n  regoin = "x"\n}\n', 3, "'regoin' is not known"),
        ('profile "lab" {\n\n  ssh_port = "x"\n}\n', 3, "ssh_port must be a whole number"),
        ('profile "lab" {\n  ssh_port = true\n}\n', 2, "ssh_port must be a whole number"),
        ('profile "lab" {\n  ssh_port = 70000\n}\n', 2, "ssh_port cannot be 70000"),
        ('profile "lab" {\n  boot_seconds = 5\n}\n', 2, "boot_seconds cannot be 5"),
        ('profile "lab" {\n  boot_seconds = "5"\n}\n', 2, "boot_seconds must be a whole number"),
        ('profile "lab" {\n  region = 5\n}\n', 2, "region must be a plain string"),
        ('profile "lab" {\n  region = upper("x")\n}\n', 2, "region must be a plain string"),
        ('profile "lab" {\n  region = "Europe"\n}\n', 2, "region cannot be 'Europe'"),
        ('profile "lab" {\n  ssh_from = "here"\n}\n', 2, "ssh_from cannot be 'here'"),
        ('profile "lab" {\n  state = "dynamodb"\n}\n', 2, "state cannot be 'dynamodb'"),
        ('profile "lab" {\n  endpoint_url = "localhost"\n}\n', 2, "endpoint_url cannot be"),
        ('profile "a" {\n region = "us-east-1"\n}\nprofile "b" {\n region = "x"\n}\n', 5, "region cannot be"),
        ('\nregion = "us-east-1"\n', 2, "'region' is not known"),
        ('profile "sandbox" {}\n', 1, "taken by the sandbox"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_a_hint(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_profiles(tmp_path)
    assert caught.value.message.startswith(f"{path}:{line}: ")
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "text", ['profile "a" "b" {}', "profile {}", 'profile = "lab"', 'profile "a" {}\nprofile "a" {}\n']
)
def test_a_misshapen_block_is_told(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text + "\n")
    with pytest.raises(ConfigError) as caught:
        load_profiles(tmp_path)
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.hcl").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_profiles(tmp_path)


def test_a_mistyped_key_is_answered_with_the_nearest(tmp_path: Path) -> None:
    written(tmp_path, 'profile "lab" {\n  sshport = 22\n}\n')
    with pytest.raises(ConfigError) as caught:
        load_profiles(tmp_path)
    assert caught.value.hint == "did you mean ssh_port?"
