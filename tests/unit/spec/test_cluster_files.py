"""Cluster files as written: tests/cases/cluster/NAME.hcl with NAME.json (the spec) or NAME.txt (what is wrong).

A first line ``# with: nodes=4 template=gpu set:project=wing`` stands for words of the command line.
"""

from __future__ import annotations

import json
import os
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from hpcctl.cli.excerpts import text_of
from hpcctl.errors import SpecError
from hpcctl.spec.arguments import Arguments, built_from
from hpcctl.spec.building import Built
from hpcctl.spec.document.loading import open_document

CASES = Path(__file__).parents[2] / "cases" / "cluster"
NAMES = sorted(path.stem for path in CASES.glob("*.hcl"))


def read(path: Path) -> str:
    return (CASES / path).read_text("utf-8")


def words_of(text: str) -> dict[str, str]:
    first = text.partition("\n")[0]
    words = first.removeprefix("# with: ").split() if first.startswith("# with: ") else []
    return dict(word.split("=", 1) for word in words)


def build(name: str) -> Built:
    words = words_of(read(Path(f"{name}.hcl")))
    settings = {key.removeprefix("set:"): words.pop(key) for key in list(words) if key.startswith("set:")}
    document = open_document(f"{name}.hcl", settings=settings, environ={}, read=read)
    reading = document.reading(document.choose(words.pop("template", None)))
    arguments = Arguments(name=words.pop("name", "demo"), **words)  # type: ignore[arg-type]
    return built_from(arguments, read=read, below=reading.section, besides=reading.problems)


def plain(value: Any) -> Any:
    """A record as JSON, without what is as it is by default."""
    if is_dataclass(value):
        said = {field.name: getattr(value, field.name) for field in fields(value)}
        usual = {field.name: field.default for field in fields(value) if field.default is not MISSING}
        return {key: plain(one) for key, one in said.items() if key not in usual or usual[key] != one}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return value.value if isinstance(value, Enum) else value


def held_to(path: Path, text: str) -> None:
    if os.environ.get("HPCCTL_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_understood_or_refused_as_it_is_written_down(name: str) -> None:
    if (CASES / f"{name}.json").exists():
        made = build(name)
        said = {**plain(made.spec), "": {"region": made.region, "notes": list(made.notes)}}
        held_to(CASES / f"{name}.json", json.dumps(said, indent=2, ensure_ascii=False) + "\n")
        return
    with pytest.raises(SpecError) as caught:
        build(name)
    held_to(CASES / f"{name}.txt", text_of(caught.value.problems))
    assert all(problem.hint for problem in caught.value.problems)


def test_there_are_cases_of_both_sorts() -> None:
    assert {path.suffix for path in CASES.iterdir() if path.is_file()} >= {".hcl", ".json", ".txt"}
    assert {path.stem for path in CASES.glob("*.json")}.isdisjoint(path.stem for path in CASES.glob("*.txt"))
