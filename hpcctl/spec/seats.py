"""A class: like clusters NAME-01 … NAME-K, each a seat of a course. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from hpcctl.errors import Problem, SpecError
from hpcctl.spec.authorize import for_seat
from hpcctl.spec.model import ClusterSpec
from hpcctl.spec.names import NAME_LENGTH, problems_with_new_name

MOST_SEATS = 999
WHERE = "--count"  # the file of a cluster says nothing of others


def count_from(text: str | None) -> int | None:
    """How many clusters were asked for; None: one, of no class. SpecError where it is no such number."""
    if text is None:
        return None
    hint = f"a whole number from 1 to {MOST_SEATS}: clusters of the class"
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", text):
        raise SpecError([Problem(where=WHERE, what=f"{text!r} is not a whole number", hint=hint)])
    if not 1 <= int(text) <= MOST_SEATS:
        raise SpecError([Problem(where=WHERE, what=f"{text} is out of range", hint=hint)])
    return int(text)


def seats_of(spec: ClusterSpec, count: int | None) -> tuple[ClusterSpec, ...]:
    """The clusters of a class of ``count``, or (None) the one that the spec says. SpecError where a name will not do.

    Each has the keys that are for it; nothing after this knows of ``USER@02``.
    """
    if count is None:
        return (replace(spec, authorized=for_seat(spec.authorized, None)),)
    problems = [*_problems(spec, count)]
    if problems:
        raise SpecError(problems)
    return tuple(_seat(spec, number, count) for number in range(1, count + 1))


def seat_name(class_name: str, number: int, count: int) -> str:
    """``lab-01``; three digits where there are more than 99."""
    return f"{class_name}-{number:0{3 if count > 99 else 2}d}"


def seat_number(name: str, class_name: str) -> int | None:
    """The 2 of ``lab-02``; None for a cluster of no class."""
    rest = name.removeprefix(f"{class_name}-") if class_name else ""
    return int(rest) if re.fullmatch(r"[0-9]{2,3}", rest) else None


def _seat(spec: ClusterSpec, number: int, count: int) -> ClusterSpec:
    return replace(
        spec,
        name=seat_name(spec.name, number, count),
        class_name=spec.name,
        authorized=for_seat(spec.authorized, number),
    )


def _problems(spec: ClusterSpec, count: int) -> Iterator[Problem]:
    last = seat_name(spec.name, count, count)
    if len(last) > NAME_LENGTH:
        most = NAME_LENGTH - len(last) + len(spec.name)
        what = f"{last!r} is too long for the name of a cluster"
        yield Problem(
            where="name", what=what, hint=f"a class of {count} may have a name of {most} characters"
        )
    else:
        yield from problems_with_new_name(last)
    for one in spec.authorized:
        seat = one.user.partition("@")[2]
        if seat and int(seat) > count:
            what = f"{one.user}: there is no cluster {int(seat):02d} in a class of {count}"
            yield Problem(where="authorize", what=what, hint=f"a number up to {count:02d}")
