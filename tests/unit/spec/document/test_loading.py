"""Variables, included files, templates that extend others, and which of them is meant."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hpcctl.cli.excerpts import text_of
from hpcctl.errors import SpecError
from hpcctl.spec.document.loading import Document, open_document, read_section
from hpcctl.spec.document.model import Located, Section, Span


def opened(
    files: Mapping[str, str], *, settings: Mapping[str, str] = {}, environ: Mapping[str, str] = {}
) -> Document:
    """The document ``cluster.hcl`` of these files."""

    def read(path: Path) -> str:
        if str(path) not in files:
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return files[str(path)]

    return open_document("./cluster.hcl", settings=settings, environ=environ, read=read)


def plain(value: Located) -> Any:
    if not isinstance(value.value, tuple):
        return value.value
    pairs = [item for item in value.value if isinstance(item, tuple)]
    if pairs:
        return {name: plain(inner) for name, inner in pairs}
    return [plain(item) for item in value.value if isinstance(item, Located)]


def tree(section: Section) -> dict[str, Any]:
    """A section without places."""
    blocks = {f"{inner.kind} {inner.label}".strip(): tree(inner) for inner in section.sections}
    return {name: plain(value) for name, value in section.values} | blocks


def template(text: str, label: str | None = None, **files: str) -> dict[str, Any]:
    document = opened({"cluster.hcl": text, **{f"{name}.hcl": other for name, other in files.items()}})
    return tree(document.template(document.choose(label)))


def complaints(text: str, *, label: str | None = None, **files: str) -> str:
    with pytest.raises(SpecError) as caught:
        template(text, label, **files)
    return text_of(caught.value.problems)


def test_every_kind_of_value_is_read() -> None:
    found = template(
        """
        cluster {
          text    = "a \\"b\\" \\\\ \\t \\u00e9 $${x} %%{y} $ % ${var.n}"
          whole   = 12
          less    = -3
          real    = 0.25
          yes     = true
          nothing = null
          list    = ["a", 1,
                     2, ]   # a comment
          none    = []
          object  = { a = "x", "b c" : 2 /* here */
                      in = 3 }
          nested  = [["a"], ((2))]
          lines   = <<END
one ${var.n}
  two $${x} "three" \\n
END
          cut     = <<-END
            one

              two
            END
          last    = "x"
        }
        variable "n" { default = 7 }
        """
    )
    assert found == {
        "text": 'a "b" \\ \t é ${x} %{y} $ % 7',
        "whole": 12,
        "less": -3,
        "real": 0.25,
        "yes": True,
        "nothing": None,
        "list": ["a", 1, 2],
        "none": [],
        "object": {"a": "x", "b c": 2, "in": 3},
        "nested": [["a"], 2],
        "lines": 'one 7\n  two ${x} "three" \\n\n',
        "cut": "one\n\n  two\n",
        "last": "x",
    }


def test_every_value_knows_where_it_stands() -> None:
    section = opened({"cluster.hcl": '\ufeffcluster "a" {\r\n  tags = { one = "x" }\r\n}\r\n'}).template("a")
    tags = section.value("tags")
    assert tags is not None and isinstance(tags.value, tuple)
    text = '  tags = { one = "x" }'
    assert tags.key == Span(path="cluster.hcl", line=2, column=3, end_column=7, text=text)
    assert tags.span == Span(path="cluster.hcl", line=2, column=10, end_column=23, text=text)
    name, one = tags.value[0]  # type: ignore[misc]
    assert (name, one.value) == ("one", "x")
    assert (one.key.column, one.span.column, one.span.end_column) == (12, 18, 21)
    assert section.span == Span(path="cluster.hcl", line=1, column=1, end_column=12, text='cluster "a" {')
    assert isinstance(section.label_span, Span)
    assert (section.label_span.column, section.label_span.end_column) == (9, 12)


@pytest.mark.parametrize(
    ("settings", "environ", "value", "loose"),
    [
        ({"n": "1"}, {"HPCCTL_VAR_n": "2"}, "1", True),
        ({}, {"HPCCTL_VAR_n": "2"}, "2", True),
        ({}, {"HPCCTL_VAR_n": ""}, "", True),
        ({}, {}, 3, False),
    ],
)
def test_a_variable_is_set_by_option_then_environment_then_default(
    settings: dict[str, str], environ: dict[str, str], value: object, loose: bool
) -> None:
    text = 'variable "n" {\n default = 3\n}\ncluster {\n a = var.n\n b = "${var.n}"\n c = "n${var.n}"\n}\n'
    section = opened({"cluster.hcl": text}, settings=settings, environ=environ).template("")
    for name in ("a", "b"):
        found = section.value(name)
        assert found is not None
        assert (found.value, found.loose) == (value, loose)
    text_value = section.value("c")
    assert text_value is not None
    assert (text_value.value, text_value.loose) == (f"n{value}", False)


def test_a_setting_without_a_variable_is_told_with_the_nearest() -> None:
    text = 'variable "project" {\n default = "x"\n}\ncluster {\n}\n'
    document = opened({"cluster.hcl": text}, settings={"projcet": "y", "zzz": "1"})
    assert text_of(document.problems) == (
        "error: --set projcet: no variable is called 'projcet'\n hint: did you mean project?\n"
        "error: --set zzz: no variable is called 'zzz'\n hint: there are: project\n"
    )


def test_a_variable_that_nobody_uses_needs_no_value() -> None:
    assert template('variable "n" {\n}\ncluster {\n a = 1\n}\n') == {"a": 1}


def test_a_template_that_was_not_chosen_needs_no_variables() -> None:
    text = 'variable "n" {\n}\ncluster "a" {\n x = 1\n}\ncluster "b" {\n x = var.n\n}\n'
    assert template(text, "a") == {"x": 1}
    assert "the variable n has no value" in complaints(text, label="b")


def test_a_template_extends_others_over_several_files() -> None:
    found = template(
        'include = ["site.hcl"]\ncluster "small" {\n extends = "base"\n'
        ' zone = "z"\n tags = { b = "small", c = "small" }\n head {\n  type = "t"\n }\n compute "gpu" {\n }\n}\n',
        site='cluster "base" {\n extends = "parts/lab.hcl#lab"\n zones = ["a", "b"]\n'
        ' tags = { a = "base", b = "base" }\n head {\n  type = "s"\n  root_size = 9\n }\n}\n',
        **{"parts/lab": 'cluster "lab" {\n user = "me"\n tags = { a = "lab" }\n compute "node" {\n }\n}\n'},
    )
    assert found == {
        "user": "me",
        "tags": {"a": "base", "b": "small", "c": "small"},
        "zone": "z",
        "head": {"type": "t", "root_size": 9},
        "compute node": {},
        "compute gpu": {},
    }


def test_an_included_template_of_the_same_name_lies_below() -> None:
    found = template(
        'include = ["a.hcl", "b.hcl"]\ncluster {\n x = 1\n}\n',
        a="cluster {\n x = 2\n y = 2\n z = 2\n}\n",
        b="cluster {\n y = 3\n}\n",
    )
    assert found == {"x": 1, "y": 3, "z": 2}


def test_a_default_of_the_including_file_wins() -> None:
    found = template(
        'include = ["site.hcl"]\nvariable "n" {\n default = "mine"\n}\ncluster {\n extends = "base"\n}\n',
        site='variable "n" {\n default = "theirs"\n}\ncluster "base" {\n x = var.n\n}\n',
    )
    assert found == {"x": "mine"}


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("cluster {\n}\n", ""),
        ('cluster "only" {\n}\n', "only"),
        ('cluster "base" {\n}\ncluster "top" {\n extends = "base"\n}\n', "top"),
        ('cluster "a" {\n}\ncluster "default" {\n}\n', "default"),
        ('cluster "a" {\n extends = "default"\n}\ncluster "b" {\n}\ncluster "default" {\n}\n', "default"),
        ('include = ["site.hcl"]\ncluster "mine" {\n}\n', "mine"),
        ('include = ["site.hcl"]\n', "default"),
    ],
)
def test_which_template_is_meant(text: str, chosen: str) -> None:
    site = 'cluster "default" {\n}\ncluster "other" {\n}\n'
    assert opened({"cluster.hcl": text, "site.hcl": site}).choose(None) == chosen


def test_a_template_that_there_is_not_is_answered_with_the_nearest() -> None:
    text = 'cluster "small" {\n}\ncluster "large" {\n}\n'
    assert complaints(text, label="smal") == (
        "error: --template: no template is called 'smal'\n hint: did you mean small?\n"
    )
    assert "there are: small, large" in complaints(text, label="zzz")


def test_a_file_that_cannot_be_read_is_told() -> None:
    with pytest.raises(SpecError) as caught:
        opened({})
    assert "cluster.hcl: cannot be read: No such file or directory" in text_of(caught.value.problems)


def test_what_is_broken_is_left_out_and_the_rest_is_there() -> None:
    reading = opened({"cluster.hcl": "cluster {\n a = f(1)\n b = 2\n c = [1, var.x]\n}\n"}).reading("")
    assert tree(reading.section) == {"b": 2}
    assert len(reading.problems) == 2


def test_null_takes_away_what_a_template_says() -> None:
    text = 'cluster "a" {\n extends = "b"\n x = null\n}\ncluster "b" {\n x = 1\n}\n'
    assert template(text) == {"x": None}


@pytest.mark.parametrize(
    ("below", "above", "found"),
    [
        ('zones = ["a", "b"]', 'zone = "c"', {"zone": "c"}),
        ('zone = "c"', 'zones = ["a"]', {"zones": ["a"]}),
        ('image_name = "x*"\nimage_owner = "self"', 'image = "debian-12"', {"image": "debian-12"}),
        ('image = "debian-12"', 'image_name = "x*"', {"image_name": "x*"}),
        ("spot = false", "spot_max_price = 0.25", {"spot_max_price": 0.25}),
        ("spot_max_price = 0.25", "spot = true", {"spot_max_price": 0.25, "spot": True}),
        ('ssh_from = ["a", "b"]', 'ssh_from = ["c"]', {"ssh_from": ["c"]}),
        ('tags = { a = "1", b = "1" }', 'tags = { b = "2" }', {"tags": {"a": "1", "b": "2"}}),
        ('tags = { a = "1" }', "tags = null", {"tags": None}),
        ('tags = { a = "1" }', "tags = {}", {"tags": {"a": "1"}}),
        ("head {\n a = 1\n b = 1\n}", "head {\n b = 2\n}", {"head": {"a": 1, "b": 2}}),
    ],
)
def test_what_a_later_layer_says_wins(below: str, above: str, found: dict[str, Any]) -> None:
    text = f'cluster "top" {{\n extends = "base"\n{above}\n}}\ncluster "base" {{\n{below}\n}}\n'
    assert template(text) == found


def test_many_files_end() -> None:
    files = {f"{number}.hcl": f'include = ["{number + 1}.hcl"]\n' for number in range(300)}
    document = opened({"cluster.hcl": 'include = ["0.hcl"]\ncluster {\n}\n', **files})
    assert "more than 100 files" in text_of(document.problems)


def test_a_file_of_another_kind_is_one_section() -> None:
    reading = read_section("config.hcl", 'default_profile = "lab"\nprofile "lab" {\n region = var.x\n}\n')
    assert tree(reading.section) == {"default_profile": "lab", "profile lab": {}}
    assert "variables cannot be used here" in text_of(reading.problems)
