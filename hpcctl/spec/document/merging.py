"""One section laid over another: what is said later wins."""

from __future__ import annotations

from hpcctl.spec.document.model import Located, Section

RIVALS = {
    "zone": ("zones",),
    "zones": ("zone",),
    "image": ("image_name", "image_owner"),
    "image_name": ("image", "image_owner"),
    "spot_max_price": ("spot",),
}
"""Attributes that say the same thing in two ways: a later one takes the place of the earlier others."""

_BY_KEY = frozenset({"tags"})
"""Objects that are merged name by name; all other values are replaced."""


def merged(lower: Section, upper: Section) -> Section:
    """``upper`` over ``lower``; the order of ``lower`` is kept, kind, label and place are those of ``upper``."""
    over = {(section.kind, section.label): section for section in upper.sections}
    under = {(section.kind, section.label) for section in lower.sections}
    kept = tuple(
        merged(section, over[section.kind, section.label])
        if (section.kind, section.label) in over
        else section
        for section in lower.sections
    )
    new = tuple(section for section in upper.sections if (section.kind, section.label) not in under)
    return Section(
        kind=upper.kind,
        label=upper.label,
        values=_values(lower, upper),
        sections=(*kept, *new),
        span=upper.span,
        label_span=upper.label_span,
    )


def _values(lower: Section, upper: Section) -> tuple[tuple[str, Located], ...]:
    gone = {rival for name, _ in upper.values for rival in RIVALS.get(name, ())}
    said = {name for name, _ in upper.values}
    values = {name: value for name, value in lower.values if name in said or name not in gone}
    for name, value in upper.values:
        below = values.get(name)
        values[name] = _by_key(below, value) if name in _BY_KEY and below else value
    return tuple(values.items())


def _by_key(lower: Located, upper: Located) -> Located:
    below, above = _entries(lower), _entries(upper)
    if below is None or above is None:
        return upper
    return Located(value=tuple({**below, **above}.items()), span=upper.span, key=upper.key, loose=upper.loose)


def _entries(value: Located) -> dict[str, Located] | None:
    """An object's entries by name; ``None`` if the value is none."""
    entries: dict[str, Located] = {}
    if not isinstance(value.value, tuple):
        return None
    for entry in value.value:
        if not isinstance(entry, tuple):
            return None
        entries[entry[0]] = entry[1]
    return entries
