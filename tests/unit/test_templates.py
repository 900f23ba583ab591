"""Every value in a template for a shell or for HCL goes through the one filter for it, or is listed with a reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hpcctl.resources import data_folder

TEMPLATES = Path(str(data_folder("templates")))
EXPRESSION = re.compile(r"\{\{-?(.+?)-?\}\}", re.DOTALL)
QUOTED = {
    ".sh.j2": re.compile(r'\|\s*(?:sh|int)$|\|\s*map\("sh"\)\s*\|\s*join\(" "\)$'),
    ".tf.j2": re.compile(r"\|\s*hcl$"),
}
LISTED = {
    ("node/user_data.sh.j2", "host_key.private | trim"): "lines of a here-document, made by this program",
    (
        "node/user_data.sh.j2",
        "key | trim",
    ): "a line of a here-document; keys are checked, and joined to one line",
    ("node/user_data.sh.j2", "install"): "base64 in a here-document",
    ("node/user_data.sh.j2", "script.packed"): "base64 in a here-document",
    ("node/packed.sh.j2", "packed"): "base64 in a here-document",
    ("root/adoption.tf.j2", "address"): "an address, no string: from a table in this program",
    ("root/endpoint_override.tf.j2", "service.ljust(3)"): "names from a list in the template itself",
    ("root/endpoint_override.tf.j2", 'endpoint_url | replace("\\n", " ")'): "a comment of one line",
}


def expressions(kind: str) -> list[tuple[str, str]]:
    """What is put into templates of this kind: the template, and the expression."""
    return [
        (str(path.relative_to(TEMPLATES)), " ".join(found.split()))
        for path in sorted(TEMPLATES.rglob(f"*{kind}"))
        for found in EXPRESSION.findall(path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("kind", QUOTED)
def test_every_value_is_quoted_or_listed(kind: str) -> None:
    found = expressions(kind)
    assert len(found) > 3
    assert [one for one in found if one not in LISTED and not QUOTED[kind].search(one[1])] == []


def test_nothing_is_listed_that_is_not_there() -> None:
    there = {one for kind in QUOTED for one in expressions(kind)}
    assert set(LISTED) <= there
