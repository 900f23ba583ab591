"""docs/cluster-file.md says what the schema says, and its examples are right. ``make reference`` writes it anew."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import pytest

from hpcctl.spec.arguments import Arguments, built_from
from hpcctl.spec.building import Built
from hpcctl.spec.document.loading import open_document
from hpcctl.spec.schema.reference import with_fields

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "cluster-file.md"
EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("*.hcl"))


def build(text: str, label: str | None = None) -> list[Built]:
    document = open_document("x.hcl", settings={}, environ={}, read=lambda _: text)
    labels = [document.choose(label)] if label else document.labels
    below = [document.template(label) for label in labels]
    return [built_from(Arguments(name="demo"), read=lambda _: "", below=section) for section in below]


def test_the_page_is_what_the_schema_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    if os.environ.get("HPCCTL_GOLDEN"):
        PAGE.write_text(with_fields(page), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == with_fields(page)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_template_of_the_examples_is_right(name: str) -> None:
    assert build((ROOT / "examples" / name).read_text(encoding="utf-8"))


def test_the_page_begins_with_an_example_that_exists() -> None:
    small = (ROOT / "examples" / "small.hcl").read_text(encoding="utf-8").partition("\n")[2]
    assert textwrap.indent(small, "    ") in PAGE.read_text(encoding="utf-8")
