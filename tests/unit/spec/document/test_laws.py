"""Whatever stands in a file: a section or a SpecError; and the laws of merging."""

from __future__ import annotations

from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from hpcctl.cli.excerpts import text_of
from hpcctl.errors import SpecError
from hpcctl.spec.document.loading import load_template
from hpcctl.spec.document.merging import merged
from hpcctl.spec.document.model import Located, Section

PIECES = (
    *"{}[]()\"'=,:.#$%<>-\n\t\r\\/* !?",
    *(
        "cluster",
        "variable",
        "extends",
        "include",
        "default",
        "head",
        "var.x",
        "${",
        "%{",
        "$${",
        "<<END\n",
        "\nEND\n",
    ),
    *(
        '"a"',
        "1",
        "1.5",
        "-",
        "1e9",
        "true",
        "null",
        "in",
        "for",
        "if",
        "...",
        "=>",
        "::",
        "/*",
        "*/",
        "//",
        "é",
        "計",
    ),
    *('cluster "a" {\n', "}\n", 'x = "y"\n', "\x00", "\ufeff", "\u2028", "\x0b"),
)


def tried(text: str) -> None:
    """Reads a file; no other exception than SpecError may come out, and its problems can be shown."""
    try:
        load_template(Path("a.hcl"), label=None, settings={}, environ={}, read=lambda _: text)
    except SpecError as error:
        assert text_of(error.problems)
        for problem in error.problems:
            if problem.excerpt:
                assert problem.excerpt.text in text
                assert 1 <= problem.excerpt.column <= len(problem.excerpt.text) + 1


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@example("cluster {\n a = " + "[" * 5000)
@example("cluster {\n a = " + "-" * 500 + "1\n}\n")
@example("cluster {\n a = " + "1 + " * 3000 + "1\n}\n")
@example("cluster {\n a = x" + "[0]" * 3000 + "\n}\n")
@example("cluster {\n a = " + "a ? 1 : " * 2000 + "1\n}\n")
@example("cluster {\n a = " + "9" * 5000 + "\n}\n")
@example('cluster {\n a = "' + "${" * 30 + "\n}\n")
def test_any_pieces_are_a_section_or_mistakes(text: str) -> None:
    tried(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_section_or_mistakes(text: str) -> None:
    tried(text)


OBJECTS = st.dictionaries(st.sampled_from("ab"), st.integers(0, 3), max_size=2).map(
    lambda found: Located(
        value=tuple((name, Located(value=value, span="--y")) for name, value in found.items()), span="--x"
    )
)
VALUES = st.one_of(st.integers(0, 3).map(lambda number: Located(value=number, span="--x")), OBJECTS)
NAMES = ("zone", "zones", "image", "image_name", "image_owner", "spot", "spot_max_price", "x")
ATTRIBUTES = st.one_of(
    st.tuples(st.sampled_from(NAMES), VALUES),
    st.tuples(st.just("tags"), OBJECTS),  # anything else there is a mistake, which no law of merging is about
)


def sections(depth: int) -> st.SearchStrategy[Section]:
    inner = (
        st.dictionaries(
            st.tuples(st.sampled_from("kl"), st.sampled_from(["", "a", "b"])), sections(depth - 1), max_size=3
        )
        if depth
        else st.just({})
    )
    return st.builds(
        lambda values, blocks: Section(
            kind="cluster",
            label="",
            values=tuple(values.items()),
            sections=tuple(
                Section(kind=kind, label=label, values=block.values, sections=block.sections, span="--s")
                for (kind, label), block in blocks.items()
            ),
            span="--s",
        ),
        st.lists(ATTRIBUTES, max_size=4).map(dict),
        inner,
    )


def unordered(section: Section) -> object:
    """What a section says, in whatever order."""
    return (
        frozenset(
            (name, frozenset(value.value) if isinstance(value.value, tuple) else value.value)
            for name, value in section.values
        ),
        frozenset((inner.kind, inner.label, unordered(inner)) for inner in section.sections),
    )


@settings(max_examples=60, deadline=None)
@given(sections(1), sections(1), sections(1))
def test_merging_does_not_depend_on_where_one_begins(one: Section, two: Section, three: Section) -> None:
    assert unordered(merged(merged(one, two), three)) == unordered(merged(one, merged(two, three)))


@settings(max_examples=60, deadline=None)
@given(sections(1), sections(1))
def test_what_is_laid_over_again_changes_nothing(one: Section, two: Section) -> None:
    once = merged(one, two)
    assert merged(once, two) == once
    for name, value in two.values:
        found = once.value(name)
        assert found is not None
        assert name == "tags" or found == value
