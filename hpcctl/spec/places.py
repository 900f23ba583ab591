"""Where each field of a spec was said, so that whoever finds fault with one can show the place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hpcctl.errors import Problem
from hpcctl.spec.document.model import Located, Place, Section, Span, problem_at

WORDS = (
    "NAME",
    "NODES",
    "TYPE",
    "SHARE_GB",
    "--min-nodes",
    "--boot-deadline",
    "--user",
    "--region",
    "--zone",
    "--image",
    "--ssh-from",
    "--tag",
    "--key",
    "--authorize",
)
"""The words of the command line, in the order in which their mistakes are told."""

_ALSO = {"zones": "zone", "image_name": "image", "image_owner": "image", "spot_max_price": "spot"}
"""Attributes that say the same thing as another one."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """Field paths (``compute.gpu.type``, ``storage.volume.data.id``) and where they were said."""

    found: tuple[tuple[str, Place], ...] = ()

    def find(self, path: str) -> Place | None:
        """Where a field was said, or else the block that it belongs to; None if that is not there either."""
        known = dict(self.found)
        while path:
            if path in known:
                return known[path]
            path = path.rpartition(".")[0]
        return None


def places_of(section: Section, *, name: Place = "NAME") -> Places:
    """The places of everything in the body of a cluster."""
    return Places(found=(("name", name), *_below("", section)))


def told(problems: Iterable[Problem], places: Places) -> tuple[Problem, ...]:
    """The same problems, at the words, options or lines of a file that they come from; each one once."""
    return tuple(dict.fromkeys(_at_its_place(problem, places) for problem in problems))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Those of the command line first, then those of each file from top to bottom; each one once."""
    found = tuple(dict.fromkeys(problems))
    files = [problem.excerpt.path for problem in found if problem.excerpt]

    def rank(problem: Problem) -> tuple[int, int, int]:
        place = problem.excerpt
        if place:
            return (len(WORDS) + 1 + files.index(place.path), place.line, place.column)
        word = problem.where.split(" ")[0]
        return (WORDS.index(word) if word in WORDS else len(WORDS), 0, 0)

    return tuple(sorted(found, key=rank))


def _at_its_place(problem: Problem, places: Places) -> Problem:
    place = None if problem.excerpt else places.find(problem.where)
    if place is None:
        return problem
    if isinstance(place, str):
        return replace(problem, where=place)
    return problem_at(place, problem.what, problem.hint)


def _below(prefix: str, section: Section) -> Iterator[tuple[str, Place]]:
    for name, value in section.values:
        yield from _of_value(f"{prefix}{name}", value)
        if name in _ALSO:
            yield f"{prefix}{_ALSO[name]}", value.span
    for inner in section.sections:
        path = f"{prefix}{inner.kind}" + (f".{inner.label}" if inner.label else "")
        yield path, inner.span
        yield from _below(f"{path}.", inner)


def _of_value(path: str, located: Located) -> Iterator[tuple[str, Place]]:
    yield path, located.span
    for each in located.value if isinstance(located.value, tuple) else ():
        if isinstance(each, tuple):
            yield f"{path}.{each[0]}", each[1].span
        elif isinstance(each.value, str):
            yield f"{path}.{each.value}", each.span


def shown(place: Place) -> str:
    """A place in few words: an option, or ``cluster.hcl:12``."""
    return f"{place.path}:{place.line}" if isinstance(place, Span) else place
