"""``hpcctl init``: questions, answers that make no sense, and a file that is good."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Hpcctl, Said


@pytest.fixture
def answering(
    hpcctl: Hpcctl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> tuple[list[str], Hpcctl, Path]:
    """Answers, one for each question, and where the file goes."""
    answers: list[str] = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: answers.pop(0))
    return answers, hpcctl, tmp_path / "made.hcl"


def _asked(answering: tuple[list[str], Hpcctl, Path], *answers: str) -> tuple[Said, str]:
    waiting, hpcctl, path = answering
    waiting[:] = answers
    said = hpcctl("init", str(path))
    assert waiting == [], "every answer had its question"
    return said, path.read_text() if path.exists() else ""


def test_defaults_make_a_good_file(hpcctl: Hpcctl, tmp_path: Path) -> None:
    file = str(tmp_path / "wing.hcl")
    assert hpcctl("init", "--defaults", file).code == 0
    said = hpcctl("validate", file)
    assert said.code == 0, said.err
    assert "4 × c5.xlarge" in said.out


def test_answers_are_checked_at_once(answering: tuple[list[str], Hpcctl, Path]) -> None:
    said, text = _asked(
        answering,
        *("nowhere", "sandbox"),
        *("0", "many", "3", "big", "c5.large", "y"),
        *("2", "60", "/etc", "/data", "0", "200", "/data", ""),
        *("debian-1", "debian-12", "10.0.0.0/33", "10.0.0.0/8"),
        *("99999", "8888", "", "203.0.113.0/24", ""),
    )
    assert said.code == 0, said.err
    for words in (
        "no profile is called 'nowhere'",
        "at least 1",
        "'many' is not",
        "belongs to the system",
        "is taken",
    ):
        assert words in said.err
    plain = " ".join(line for line in text.splitlines() if not line.lstrip().startswith("#")).split()
    for words in ("count = 2", "spot = true", "size = 60", 'mount = "/data"', 'ssh_from = ["10.0.0.0/8"]'):
        assert words in " ".join(plain)
    assert answering[1]("validate", str(answering[2])).code == 0


def test_just_confirming_gives_the_defaults(
    answering: tuple[list[str], Hpcctl, Path], tmp_path: Path
) -> None:
    said, text = _asked(answering, "sandbox", "", "", "", "", "", "", "", "")
    assert said.code == 0, said.err
    answering[1]("init", "--defaults", "--profile", "sandbox", str(tmp_path / "other.hcl"))
    assert text.replace("made.hcl", "other.hcl") == (tmp_path / "other.hcl").read_text()


def test_a_file_that_is_there_is_kept(hpcctl: Hpcctl, tmp_path: Path) -> None:
    path = tmp_path / "cluster.hcl"
    path.write_text("mine")
    said = hpcctl("init", "--defaults", str(path))
    assert said.code == 2
    assert "--force" in said.err
    assert path.read_text() == "mine"
    assert hpcctl("init", "--defaults", "--force", str(path)).code == 0


def test_without_a_terminal_it_says_so(hpcctl: Hpcctl, tmp_path: Path) -> None:
    said = hpcctl("init", str(tmp_path / "x.hcl"))
    assert said.code == 2
    assert "--defaults" in said.err


def test_a_folder_that_is_not_there_is_named(hpcctl: Hpcctl, tmp_path: Path) -> None:
    said = hpcctl("init", "--defaults", str(tmp_path / "none" / "wing.hcl"))
    assert said.code == 2
    assert f"there is no folder {tmp_path / 'none'}\n" in said.err
