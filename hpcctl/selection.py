"""Which clusters a word means: a name, a class of like clusters, or a pattern such as ``lab-*``. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

_WILD = frozenset("*?[")


@dataclass(frozen=True, kw_only=True)
class Known:
    """A cluster that a word may mean; ``class_name`` is empty where it is one of no class."""

    name: str
    class_name: str = ""


def is_pattern(word: str) -> bool:
    """Does the word stand for names, rather than for itself?"""
    return not _WILD.isdisjoint(word)


def select(word: str, known: Iterable[Known]) -> tuple[str, ...]:
    """The names that the word means, in their order; none where it means nothing.

    A cluster that is called so itself comes before a class of that name.
    """
    known = tuple(known)
    if is_pattern(word):
        return tuple(sorted(one.name for one in known if fnmatchcase(one.name, word)))
    if any(one.name == word for one in known):
        return (word,)
    return tuple(sorted(one.name for one in known if one.class_name == word))


def words_for(known: Iterable[Known]) -> tuple[str, ...]:
    """All words that mean something: names and classes."""
    known = tuple(known)
    return tuple(sorted({one.name for one in known} | {one.class_name for one in known if one.class_name}))
