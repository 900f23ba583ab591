"""What a create will make and what that will cost, for a person or a program to look at before it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hpcctl.errors import Problem, SpecError
from hpcctl.lifecycle.quoting import Quote, quote
from hpcctl.spec.model import Cloud, ClusterSpec, Facts

MAX_PRICE = "--max-price"
"""Where a problem with the price is."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One cluster that has passed preflight, or ``copies`` like it."""

    spec: ClusterSpec
    cloud: Cloud
    facts: Facts
    quote: Quote
    copies: int = 1


Review = Callable[[Preview], None]
"""Looks at a preview; what it raises ends the create before anything is made."""


def preview(spec: ClusterSpec, facts: Facts, cloud: Cloud, *, home: Path, copies: int = 1) -> Preview:
    """Never raises: a price that AWS does not tell is not known."""
    return Preview(
        spec=spec, cloud=cloud, facts=facts, quote=quote(spec, facts, cloud, home=home), copies=copies
    )


def require_affordable(seen: Preview, most: float | None) -> None:
    """SpecError where an hour of all copies costs more than ``most`` US dollars, or an unknown price."""
    if most is None:
        return
    each = seen.quote.usd_hour
    if each is None:
        raise _refusal(
            "the price is not known, so it cannot be held against the limit", "leave --max-price out"
        )
    if each * seen.copies > most:
        raise _refusal(
            f"${each * seen.copies:.3f} an hour is more than the limit of ${most:.3f}",
            "fewer nodes, a smaller type, spot capacity, or a higher limit",
        )


def _refusal(what: str, hint: str) -> SpecError:
    return SpecError([Problem(where=MAX_PRICE, what=what, hint=hint)])
