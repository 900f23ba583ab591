"""Which profiles there are, and how one becomes the default without a line of the file being lost."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hpcctl.config import load_config, parse_config
from hpcctl.errors import ConfigError
from hpcctl.profiles import Choice, choices, use, with_default


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    config = tmp_path / "aws-config"
    config.write_text("[default]\nregion = us-west-2\n[profile research]\nregion = eu-west-1\n")
    return {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}


def test_all_profiles_are_listed_and_one_is_chosen(tmp_path: Path, environ: dict[str, str]) -> None:
    (tmp_path / "config.hcl").write_text(
        'default_profile = "lab"\nprofile "lab" {\n  aws_profile = "research"\n  state = "s3"\n}\n'
    )
    assert choices(tmp_path, environ) == (
        Choice(
            name="lab",
            source="config.hcl",
            chosen=True,
            region="eu-west-1",
            aws_profile="research",
            state="s3",
        ),
        Choice(name="aws", source="built in", chosen=False, region="us-west-2"),
        Choice(name="sandbox", source="built in", chosen=False),
        Choice(name="default", source="AWS CLI", chosen=False, region="us-west-2", aws_profile="default"),
        Choice(name="research", source="AWS CLI", chosen=False, region="eu-west-1", aws_profile="research"),
    )
    assert [one.name for one in choices(tmp_path, environ, chosen="aws") if one.chosen] == ["aws"]


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("", 'default_profile = "aws"\n'),
        ("# mine\n", 'default_profile = "aws"\n\n# mine\n'),
        ("# mine\r\n", 'default_profile = "aws"\r\n\r\n# mine\r\n'),
        ("\ufeff# mine\n", '\ufeffdefault_profile = "aws"\n\n# mine\n'),
        (
            '# one\ndefault_profile  =  "lab"   # two\nprofile "lab" {}\n',
            '# one\ndefault_profile  =  "aws"   # two\nprofile "lab" {}\n',
        ),
        (
            '\ufeffdefault_profile = "lab"\nprofile "lab" {}\n',
            '\ufeffdefault_profile = "aws"\nprofile "lab" {}\n',
        ),
        (
            'default_profile = (\n  "lab"\n)\r\nprofile "lab" {}\n',
            'default_profile = (\n  "aws"\n)\r\nprofile "lab" {}\n',
        ),
    ],
)
def test_nothing_but_the_name_is_changed(
    tmp_path: Path, environ: dict[str, str], text: str, changed: str
) -> None:
    path = tmp_path / "config.hcl"
    path.write_bytes(text.encode())
    use("aws", home=tmp_path, environ=environ)
    assert path.read_bytes().decode() == changed
    use("aws", home=tmp_path, environ=environ)
    assert path.read_bytes().decode() == changed


def test_a_link_and_the_mode_of_the_file_stay(tmp_path: Path, environ: dict[str, str]) -> None:
    dotfiles = tmp_path / "dotfiles.hcl"
    dotfiles.write_text("# mine\n")
    dotfiles.chmod(0o640)
    (tmp_path / "config.hcl").symlink_to(dotfiles)
    use("sandbox", home=tmp_path, environ=environ)
    assert (tmp_path / "config.hcl").is_symlink()
    assert load_config(tmp_path).default_profile == "sandbox"
    assert stat.S_IMODE(dotfiles.stat().st_mode) == 0o640


def test_a_home_that_is_not_there_yet_is_made(tmp_path: Path, environ: dict[str, str]) -> None:
    use("research", home=tmp_path / "new", environ=environ)
    assert load_config(tmp_path / "new").default_profile == "research"


def test_an_unknown_name_changes_nothing(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        use("reserch", home=tmp_path, environ=environ)
    assert caught.value.hint == "did you mean research?"
    assert not (tmp_path / "config.hcl").exists()


@settings(max_examples=50, deadline=None)
@example("a%{b", "")
@example("${", "# x\n")
@given(
    st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20),
    st.sampled_from(["", "# x\n"]),
)
def test_any_name_is_written_so_that_it_is_read_again(name: str, text: str) -> None:
    once = with_default(text, name, parse_config("config.hcl", text))
    assert parse_config("config.hcl", once).default_profile == name
    again = with_default(once, "aws", parse_config("config.hcl", once))
    assert parse_config("config.hcl", again).default_profile == "aws"
