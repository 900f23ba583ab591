"""The names that a mistyped one is close to."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], *, most: int = 3) -> tuple[str, ...]:
    """At most ``most`` of the ``known`` names, the closest first."""
    from difflib import get_close_matches

    return tuple(get_close_matches(name, sorted(set(known)), n=most, cutoff=0.6))


def did_you_mean(name: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """A hint: "did you mean a, b or c?", or ``otherwise`` where nothing is close."""
    close = nearest(name, known)
    if not close:
        return otherwise
    *first, last = close
    return f"did you mean {', '.join(first)} or {last}?" if first else f"did you mean {last}?"
