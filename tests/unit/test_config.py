"""config.hcl: what is accepted, and how each mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcctl.config import Profile, load_config, load_profiles, parse_config
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
          role_arn = "arn:aws:iam::123456789012:role/hpc"
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
            ssh_from=("203.0.113.0/24",),
            role_arn="arn:aws:iam::123456789012:role/hpc",
        ),
        Profile(name="empty"),
    )


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('profile "lab" {\n  region =\n}\n', 2, "the line ends here"),
        ("\x00", 1, "this character cannot stand here"),
        ('profile "lab" {\n  region = "us-east-1"\n  regoin = "x"\n}\n', 3, "regoin is not known"),
        ('regoin = "x"\n', 1, "regoin is not known here"),
        ('profile "lab" {\n\n  ssh_port = "x"\n}\n', 3, "'x' is not a whole number"),
        ('profile "lab" {\n  ssh_port = true\n}\n', 2, "true is not a whole number"),
        ('profile "lab" {\n  ssh_port = 70000\n}\n', 2, "70000 is out of range"),
        ('profile "lab" {\n  boot_seconds = 5\n}\n', 2, "5 is out of range"),
        ('profile "lab" {\n  boot_seconds = "5"\n}\n', 2, "'5' is not a whole number"),
        ('profile "lab" {\n  region = 5\n}\n', 2, "5 is not text"),
        ('profile "lab" {\n  region = upper("x")\n}\n', 2, "functions cannot be used here"),
        ('profile "lab" {\n  region = "Europe"\n}\n', 2, "'Europe' is not a region"),
        ('profile "lab" {\n  ssh_from = "here"\n}\n', 2, "'here' is not a network"),
        (
            'profile "lab" {\n  state = "dynamodb"\n}\n',
            2,
            "'dynamodb' is not a place where clusters are written down",
        ),
        ('profile "lab" {\n  endpoint_url = "localhost"\n}\n', 2, "'localhost' is not a URL"),
        (
            'profile "a" {\n region = "us-east-1"\n}\nprofile "b" {\n region = "x"\n}\n',
            5,
            "'x' is not a region",
        ),
        ('\nregion = "us-east-1"\n', 2, "region is not known"),
        ('profile "sandbox" {}\n', 1, "taken by the sandbox"),
        ('profile "lab" {\n  role_arn = "hpc"\n}\n', 2, "'hpc' is not the ARN of a role"),
        ('profile "lab" {\n  ssh_from = ["10.0.0.0/8", "::/0"]\n}\n', 2, "'::/0' is IPv6"),
        ('profile "lab" {\n  owner = var.me\n}\n', 2, "variables cannot be used here"),
        ('profile "lab" {\n  defaults {\n    zone = "x"\n  }\n}\n', 3, "'x' is not a zone"),
        ('profile "lab" {\n  defaults {\n    heda {\n    }\n  }\n}\n', 3, "there is no block heda"),
        ("default_profile = 5\n", 1, "5 is not text"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_a_hint(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_profiles(tmp_path)
    assert caught.value.message.startswith(f"{path}:{line}:")
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


def test_all_mistakes_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    path = written(
        tmp_path, 'profile "lab" {\n  regoin = "x"\n  ssh_port = f(1)\n  defaults {\n    usr = 1\n  }\n}\n'
    )
    with pytest.raises(ConfigError) as caught:
        load_profiles(tmp_path)
    assert [problem.where for problem in caught.value.problems] == [
        f"{path}:2:3",
        f"{path}:3:14",
        f"{path}:5:5",
    ]
    assert all(problem.excerpt and problem.hint for problem in caught.value.problems)


def test_defaults_are_a_section_of_a_cluster(tmp_path: Path) -> None:
    written(
        tmp_path,
        'profile "lab" {\n  defaults {\n    user = "alice"\n    storage {\n      share {\n        keep = true\n'
        "      }\n    }\n  }\n}\n",
    )
    (profile,) = load_profiles(tmp_path)
    assert profile.defaults is not None
    assert profile.defaults.kind == "cluster"
    user = profile.defaults.value("user")
    assert user is not None
    assert user.value == "alice"
    assert [section.kind for section in profile.defaults.sections] == ["storage"]


def test_the_default_profile_is_read_with_its_place(tmp_path: Path) -> None:
    written(tmp_path, '# mine\ndefault_profile = "lab"\n')
    assert load_config(tmp_path).default_profile == "lab"
    written(tmp_path, "")
    assert load_config(tmp_path).default_profile is None


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("region", 'write it in profile "lab" { … }'),
        ("default", "did you mean default_profile?"),
        ("colour", 'at the top stand default_profile, profile "NAME" { … }'),
    ],
)
def test_what_stands_outside_of_a_profile_is_told_its_place(name: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config("config.hcl", f'{name} = "us-east-1"\n')
    assert caught.value.hint == hint
