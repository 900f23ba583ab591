"""A class of like clusters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hpcctl.errors import SpecError
from hpcctl.spec.model import Authorized
from hpcctl.spec.seats import count_from, seat_number, seats_of
from tests.unit.records import SPEC

LAB = replace(SPEC, name="lab")


@pytest.mark.parametrize(
    ("count", "first", "last"),
    [(1, "lab-01", "lab-01"), (99, "lab-01", "lab-99"), (100, "lab-001", "lab-100")],
)
def test_seats_are_numbered_and_belong_to_their_class(count: int, first: str, last: str) -> None:
    seats = seats_of(LAB, count)
    assert (len(seats), seats[0].name, seats[-1].name) == (count, first, last)
    assert {seat.class_name for seat in seats} == {"lab"}
    assert [seat_number(seat.name, "lab") for seat in seats] == [*range(1, count + 1)]
    assert replace(seats[-1], name="lab", class_name="") == LAB


def test_without_a_count_it_is_one_cluster_of_no_class() -> None:
    keys = (Authorized(user="anna", public_key="k"), Authorized(user="ben@02", public_key="k"))
    (one,) = seats_of(replace(LAB, authorized=keys), None)
    assert one == replace(LAB, authorized=keys[:1])
    assert seat_number("lab-01", "") is None


def test_each_seat_has_its_own_people() -> None:
    keys = (Authorized(user="anna@01", public_key="k"), Authorized(user="ben", public_key="k"))
    first, second = seats_of(replace(LAB, authorized=keys), 2)
    assert [one.user for one in first.authorized] == ["anna", "ben"]
    assert [one.user for one in second.authorized] == ["ben"]


@pytest.mark.parametrize("text", ["0", "-1", "1000", "x", "1.5", "", "9" * 40])
def test_a_count_is_a_whole_number(text: str) -> None:
    with pytest.raises(SpecError, match="--count"):
        count_from(text)
    assert count_from("12") == 12
    assert count_from(None) is None


def test_names_that_will_not_do_are_refused_before_anything_is_made() -> None:
    with pytest.raises(SpecError, match="too long"):
        seats_of(replace(LAB, name="x" * 28), 2)
    with pytest.raises(SpecError, match="no cluster 03"):
        seats_of(replace(LAB, authorized=(Authorized(user="a@03", public_key="k"),)), 2)
