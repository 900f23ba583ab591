"""Files with mistakes, and what is said of them: tests/cases/documents/NAME.hcl and NAME.txt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hpcctl.cli.excerpts import text_of
from hpcctl.errors import SpecError
from hpcctl.spec.document.loading import load_template

CASES = Path(__file__).parents[3] / "cases" / "documents"


@pytest.mark.parametrize("name", sorted(path.stem for path in CASES.glob("*.hcl")))
def test_a_mistake_is_told_at_its_place(name: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_template(
            Path(f"{name}.hcl"),
            label=None,
            settings={},
            environ={},
            read=lambda path: (CASES / path).read_text("utf-8"),
        )
    expected = CASES / f"{name}.txt"
    if os.environ.get("HPCCTL_GOLDEN"):
        expected.write_text(text_of(caught.value.problems), encoding="utf-8")
    assert text_of(caught.value.problems) == expected.read_text("utf-8")
    assert all(problem.hint for problem in caught.value.problems)
