"""The papers, held to what there is: commands, settings, links, examples, numbers."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from hpcctl.cli.main import VERBS, cli

ROOT = Path(__file__).parents[1]
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
MANUAL = "\n".join(path.read_text(encoding="utf-8") for path in PAPERS if path.name != "CHANGELOG.md")

_LINE = re.compile(r"^\s*(?:\$ )?(?:\w+=\S+ )*(?:\S*/)?hpcctl (?P<words>.+)$")
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
_AFTER = re.compile(r"\s(?:\||&&|;|>|#).*$")
"""What follows a command on its line and belongs to the shell."""


def code(text: str) -> Iterator[str]:
    """Everything that stands as code: indented lines, fenced lines, words between backquotes."""
    fenced = False
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            yield line
        else:
            yield from re.findall(r"`([^`]+)`", line)


def command_lines(path: Path) -> Iterator[str]:
    """The words after ``hpcctl`` on each command line of a paper; ``a|b`` stands for two lines."""
    for piece in code(path.read_text(encoding="utf-8").replace("\\|", "|")):
        found = _LINE.match(piece)
        if not found:
            continue
        words = _AFTER.sub("", found["words"].replace("[", "").replace("]", ""))
        choices = re.search(r"\S+(?:\|\S+)+", words)
        for choice in choices[0].split("|") if choices else [""]:
            yield words.replace(choices[0], choice) if choices else words


def options_of(command: click.Command) -> dict[str, click.Option]:
    found = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    return {name: option for option in found for name in (*option.opts, *option.secondary_opts)}


def complaint(line: str) -> str:
    """What the command line would not understand in these words; empty if there is nothing."""
    command: click.Command = cli
    context = click.Context(cli)
    words = iter(shlex.split(line))
    for word in words:
        if word == "--":
            return ""
        name, has_value, _ = word.partition("=")
        if word.startswith("-"):
            option = options_of(command).get(name)
            if option is None and name not in {"-h", "--help"}:
                return f"{command.name} has no option {name}"
            if option and not option.is_flag and not has_value:
                next(words, None)
        elif isinstance(command, click.Group):
            if word.isupper():  # a placeholder: COMMAND
                return ""
            inner = command.get_command(context, word)
            if inner is None:
                return f"{command.name} has no command {word}"
            command = inner
    return ""


COMMANDS = [
    pytest.param(line, id=f"{path.name}: {line.strip()}") for path in PAPERS for line in command_lines(path)
]


def verbs() -> Iterator[str]:
    """Every command, those of groups included: ``sandbox image build``."""

    def below(name: str, command: click.Command) -> Iterator[str]:
        if not isinstance(command, click.Group):
            yield name
            return
        for inner in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), inner)
            assert found is not None
            yield from below(f"{name} {inner}".strip(), found)

    yield from below("", cli)


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_line_in_the_papers_can_be_typed(line: str) -> None:
    assert complaint(line) == ""


def test_a_command_line_that_is_wrong_is_found() -> None:
    assert "no command stopp" in complaint("stopp demo")
    assert "no option --jsonn" in complaint("list --jsonn")
    assert "no option --from" in complaint("--profile sandbox create --zone us-east-1a --from x demo")
    assert complaint("ssh demo -- ls --anything") == ""


@pytest.mark.parametrize("verb", sorted({*verbs(), *VERBS}))
def test_every_verb_is_documented(verb: str) -> None:
    papers = [path for path in PAPERS if path.name != "CHANGELOG.md"]
    typed = [line.removeprefix("--profile sandbox ") for path in papers for line in command_lines(path)]
    assert any(f"{line} ".startswith(f"{verb} ") for line in typed)


@pytest.mark.parametrize("verb", sorted(verbs()))
def test_the_help_of_every_verb_has_examples(verb: str) -> None:
    command: click.Command = cli
    for word in verb.split():
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), word)
        assert found is not None
        command = found
    shown = command.get_help(click.Context(command, info_name=verb))
    assert "Examples:" in shown
    for line in re.findall(r"^ +(hpcctl .+)$", shown, re.MULTILINE):
        assert complaint(re.split(r"\s{2,}", _AFTER.sub("", line))[0].removeprefix("hpcctl ")) == ""


def test_every_setting_is_documented() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "hpcctl").rglob("*.py"))
    settings = set(re.findall(r'"(HPCCTL_[A-Z_]+)"', code))
    assert settings
    assert {setting for setting in settings if f"`{setting}`" not in MANUAL} == set()


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for found in _LINK.finditer(path.read_text(encoding="utf-8")):
        target, _, heading = found["target"].partition("#")
        if "://" in target:
            continue
        leads_to = (path.parent / target).resolve() if target else path
        assert leads_to.exists(), found["target"]
        assert leads_to.is_relative_to(ROOT), found["target"]
        if heading:
            assert heading in headings(leads_to), found["target"]


def headings(path: Path) -> set[str]:
    """The anchors of a paper."""
    titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_example_is_named() -> None:
    examples = [path.relative_to(ROOT) for path in (ROOT / "examples").rglob("*") if path.is_file()]
    assert examples
    assert [str(path) for path in examples if str(path) not in MANUAL] == []


def test_every_paper_is_reached_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in PAPERS if path.name != "README.md" and path.name not in readme] == []


def test_paths_in_the_papers_exist() -> None:
    named = re.findall(r"`((?:hpcctl|templates|terraform|tests|bench|examples|scripts)/[\w./-]+)`", MANUAL)
    assert named
    assert [path for path in named if "NAME" not in path and not (ROOT / path).exists()] == []


def test_every_make_target_in_the_papers_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    named = {word for piece in code(MANUAL) for word in re.findall(r"^\s*make ((?:[a-z-]+ ?)+)", piece)}
    assert {word for words in named for word in words.split()} <= targets


def test_the_page_of_numbers_is_what_was_measured() -> None:
    from bench.__main__ import PAGE, PARTS, RESULTS
    from bench.report import Results, markdown

    assert PAGE.read_text(encoding="utf-8") == markdown(Results.read(RESULTS), PARTS)
