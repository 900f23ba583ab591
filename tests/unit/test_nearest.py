"""Hints for mistyped names."""

from __future__ import annotations

import pytest

from hpcctl.nearest import did_you_mean, nearest


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("wings", "did you mean wing?"),
        ("dem", "did you mean demo or demo2?"),
        ("zzz", "otherwise"),
    ],
)
def test_the_hint_names_what_is_close(typed: str, hint: str) -> None:
    assert did_you_mean(typed, ["demo", "demo2", "wing"], otherwise="otherwise") == hint


def test_nothing_is_close_to_an_empty_list() -> None:
    assert nearest("demo", []) == ()
