"""The kinds of tests, by what they need; and what is left to the extended run."""

from __future__ import annotations

from enum import Enum

import pytest

EXTENDED = "extended"
_FAULT = "fault"


class Kind(str, Enum):
    """What a test needs; the dearest first."""

    MACHINES = "machines"
    API = "API"
    UNIT = "unit"


def kind_of(item: pytest.Item) -> Kind:
    """By the markers of the test, its file and its folder."""
    names = {marker.name for marker in item.iter_markers()}
    if "machines" in names:
        return Kind.MACHINES
    return Kind.API if names & {"sandbox", "terraform"} else Kind.UNIT


def mark_extended(item: pytest.Item) -> None:
    """A test that breaks something on purpose is extended, unless it is cheap enough for every run."""
    if kind_of(item) is not Kind.UNIT and item.get_closest_marker(_FAULT):
        item.add_marker(EXTENDED)
