"""Every field of the schema is there for something, and no section does more than be refused."""

from __future__ import annotations

import string
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpcctl.errors import SpecError
from hpcctl.spec.arguments import Arguments, built_from
from hpcctl.spec.building import Built
from hpcctl.spec.document.loading import open_document
from hpcctl.spec.document.model import Located, Section, Span
from hpcctl.spec.schema.checking import understood
from hpcctl.spec.schema.cluster import CLUSTER
from hpcctl.spec.schema.model import Block, Field

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA me"
FILES = {"~/.ssh/id_ed25519.pub": KEY, "seats.keys": f"ann {KEY}", "scripts/tune.sh": "#!/bin/sh\n"}

BASE = {
    "head": 'type = "m5.large"',
    "compute": 'count = 2\ntype = "m5.large"',
    "storage": "",
    "storage share": "size = 100",
    "storage volume": 'mount = "/mnt/data"\nsize = 120',
    "storage efs": 'mount = "/mnt/models"\nid = "fs-0123456789abcdef1"',
    "firewall": 'ports = 80\ncidr = "10.0.0.0/8"',
}
"""What a block needs to be right, by its path; the fields of the schema are laid over it."""

NEEDS = {
    "image_owner": {"": 'image_name = "hpc-*"'},
    "type": {"storage share": "iops = 3000", "storage volume": "iops = 3000"},
    "id": {"storage volume": "size = null"},
    "vpc": {"network": 'subnet = "subnet-0123456789abcdef0"'},
    "public_address": {"network": 'subnet = "subnet-0123456789abcdef0"'},
}
"""What a field needs beside it: "" is its own block."""


def paths(block: Block, path: str = "") -> Iterator[tuple[str, Block]]:
    yield path, block
    for inner in block.blocks:
        if not inner.reserved:
            yield from paths(inner, f"{path} {inner.name}".strip())


FIELDS = [(path, field) for path, block in paths(CLUSTER) for field in block.fields]


def text_of(block: Block, path: str, lines: dict[str, list[str]]) -> str:
    """A file with every block of ``lines`` and of the base; what comes later in a block wins."""
    said: dict[str, str] = {}
    for line in [*BASE.get(path, "").splitlines(), *lines.get(path, ())]:
        said[line.partition(" = ")[0]] = line
    inner = [
        text_of(one, name, lines)
        for one in block.blocks
        for name in [f"{path} {one.name}".strip()]
        if any(key == name or key.startswith(f"{name} ") for key in {*lines, *_NECESSARY})
    ]
    label = f' "{block.example}"' if block.label and not block.label_optional else ""
    return "\n".join([f"{block.name}{label} {{", *said.values(), *inner, "}"])


_NECESSARY = ("head", "compute", "storage", "storage share")


def build(lines: dict[str, list[str]]) -> Built:
    text = text_of(CLUSTER, "", lines)
    document = open_document("c.hcl", settings={}, environ={}, read=lambda _: text)
    below = document.template(document.choose(None))
    return built_from(Arguments(name="demo"), read=lambda path: FILES[str(path)], below=below)


@pytest.mark.parametrize(("path", "field"), FIELDS, ids=[f"{path} {field.name}" for path, field in FIELDS])
def test_every_field_with_its_example_is_valid_and_changes_what_is_built(path: str, field: Field) -> None:
    lines: dict[str, list[str]] = {path: []}
    for name, line in NEEDS.get(field.name, {}).items():
        if name in {"", path, "network"}:
            lines.setdefault(name or path, []).append(line)
    before = build(lines) if field.name not in {"vpc", "type", "id"} else build({path: []})
    lines[path].append(f"{field.name} = {field.example}")
    after = build(lines)
    assert (before.spec, before.region) != (after.spec, after.region)


def test_a_field_that_has_a_default_or_is_required_says_no_more_of_it() -> None:
    for path, field in FIELDS:
        assert not (field.required and (field.otherwise or field.default is not None)), (path, field.name)
        assert field.help.endswith("."), (path, field.name)


PLACE = Span(path="c.hcl", line=1, column=1, end_column=2, text="x")
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from([field.example.strip('"') for _, field in FIELDS]),
    st.sampled_from(["8", "true", "0.5", "node", "/data", "10.0.0.0/8"]),
)


def placed(value: object, *, loose: bool) -> Located:
    if isinstance(value, list):
        return Located(value=tuple(placed(one, loose=loose) for one in value), span=PLACE)
    if isinstance(value, dict):
        pairs = tuple((name, placed(one, loose=loose)) for name, one in value.items())
        return Located(value=pairs, span=PLACE, key=PLACE)
    assert value is None or isinstance(value, str | int | float | bool)
    return Located(value=value, span=PLACE, loose=loose)


VALUES = st.builds(
    lambda value, loose: placed(value, loose=loose),
    st.one_of(
        SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(st.text(max_size=4), SCALARS, max_size=2)
    ),
    st.booleans(),
)
LABELS = st.one_of(
    st.just(""), st.sampled_from(["node", "gpu", "data"]), st.text(string.printable, max_size=5)
)


def sections(block: Block) -> st.SearchStrategy[Section]:
    names = st.sampled_from([*(field.name for field in block.fields), "nonsense"])
    inner = [sections(one) for one in block.blocks]
    return st.builds(
        lambda label, values, below: Section(
            kind=block.name,
            label=label,
            values=tuple(values.items()),
            sections=tuple({(one.kind, one.label): one for one in below}.values()),
            span=PLACE,
        ),
        LABELS,
        st.dictionaries(names, VALUES, max_size=5),
        st.lists(st.one_of(inner), max_size=4) if inner else st.just([]),
    )


WORD = st.one_of(st.none(), st.text(max_size=5), st.sampled_from(["1", "4", "c5.xlarge", "50", "us-east-1a"]))
WORDS = st.fixed_dictionaries(dict.fromkeys(("nodes", "instance_type", "share_gib", "zone"), WORD))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(below=sections(CLUSTER), words=WORDS, whole=st.booleans())
def test_any_section_is_built_or_refused(below: Section, words: dict[str, str | None], whole: bool) -> None:
    understood(below, CLUSTER, whole=whole)
    try:
        built_from(Arguments(name="demo", **words), read=lambda _: KEY, below=below)  # type: ignore[arg-type]
    except SpecError as error:
        assert error.problems
        assert all(problem.what and problem.hint for problem in error.problems)
