"""Lengths of time as people write them: ``90s``, ``30m``, ``12h``, ``2d``, ``1d12h``."""

from __future__ import annotations

import re

UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
EXPECTED = "a length of time such as 90m, 12h, 2d or 1d12h (d, h, m, s)"

_PARTS = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?")


def seconds(text: str) -> int:
    """How many seconds; each unit at most once, the large ones first. ValueError says what was expected."""
    found = _PARTS.fullmatch(text.strip())
    parts = found.groups() if found else ()
    total = sum(int(part or 0) * size for part, size in zip(parts, UNITS.values(), strict=False))
    if not total:
        raise ValueError(f"{text!r} is not {EXPECTED}")
    return total


def words(length: int) -> str:
    """The same in the units that ``seconds`` reads; ``1d12h``."""
    parts = []
    for unit, size in UNITS.items():
        count, length = divmod(length, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
