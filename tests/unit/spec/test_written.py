"""Specs from a record that somebody has tampered with go no further."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hpcctl.spec.model import ClusterSpec, Efs, NodeGroup, Volume
from hpcctl.spec.written import problems_with_words
from tests.specs import plain_spec

DATA = Volume(name="data", mount="/data", gib=4)
MODELS = Efs(name="models", file_system_id="fs-0123", mount="/models")


def spec(**changes: Any) -> ClusterSpec:
    return replace(
        plain_spec(), volumes=(DATA,), efs=(MODELS,), shell="/usr/bin/zsh", bucket="my-bucket", **changes
    )


def test_a_good_one_has_no_problem() -> None:
    assert list(problems_with_words(spec())) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scheduler", "../evil"),
        ("scheduler", "base"),
        ("shell", "/bin/sh -c evil"),
        ("shell", "zsh"),
        ("bucket", "my bucket"),
        ("volumes", (replace(DATA, mount="/data\n/dev/sda / ext4"),)),
        ("volumes", (replace(DATA, mount="/data/../etc"),)),
        ("volumes", (replace(DATA, name="data;rm"),)),
        ("volumes", (replace(DATA, file_system="ext4 -F"),)),
        ("volumes", (replace(DATA, gib=None, volume_id="vol-1 x"),)),
        ("efs", (replace(MODELS, file_system_id="fs-1.evil.example"),)),
        ("efs", (replace(MODELS, mount="models"),)),
        ("compute", (NodeGroup(name="a b", instance_type="c5.large"),)),
    ],
)
def test_a_bad_word_is_told(field: str, value: object) -> None:
    changed = replace(spec(), **{field: value})
    assert len(list(problems_with_words(changed))) == 1
