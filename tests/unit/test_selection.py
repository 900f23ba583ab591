"""Words that mean clusters."""

from __future__ import annotations

import pytest

from hpcctl.selection import Known, is_pattern, select, words_for

KNOWN = (
    Known(name="demo"),
    Known(name="lab-01", class_name="lab"),
    Known(name="lab-02", class_name="lab"),
    Known(name="lab-10", class_name="lab"),
    Known(name="wing", class_name="demo"),
)


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("demo", ("demo",)),  # a cluster of that name, though there is a class as well
        ("lab", ("lab-01", "lab-02", "lab-10")),
        ("lab-01", ("lab-01",)),
        ("lab-0*", ("lab-01", "lab-02")),
        ("lab-?0", ("lab-10",)),
        ("[dw]*", ("demo", "wing")),
        ("*", ("demo", "lab-01", "lab-02", "lab-10", "wing")),
        ("lba", ()),
        ("LAB*", ()),
        ("x*", ()),
    ],
)
def test_a_word_means_a_cluster_a_class_or_what_matches(word: str, names: tuple[str, ...]) -> None:
    assert select(word, KNOWN) == names


def test_only_wild_words_are_patterns() -> None:
    assert [word for word in ("lab", "lab-*", "l?b", "[ab]", "a-b_c") if is_pattern(word)] == [
        "lab-*",
        "l?b",
        "[ab]",
    ]


def test_names_and_classes_are_words() -> None:
    assert words_for(KNOWN) == ("demo", "lab", "lab-01", "lab-02", "lab-10", "wing")
