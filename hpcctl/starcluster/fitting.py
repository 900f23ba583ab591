"""What a cluster file would not take becomes a comment that says why."""

from __future__ import annotations

from hpcctl.spec.schema.model import Block as Grammar
from hpcctl.spec.schema.model import Kind, Unfit
from hpcctl.starcluster.items import Attribute, Comment, Value


def fitting(grammar: Grammar, attribute: Attribute, *, said: str) -> Attribute | Comment:
    """The attribute, or why it cannot be; ``said`` is the setting as it was written."""
    field = grammar.field(attribute.name)
    assert field, attribute.name
    problem = unfit(field.kind, attribute.value)
    return Comment(text=f"{said}: {problem}") if problem else attribute


def unfit(kind: Kind, value: Value) -> str:
    """Why a value is not of a kind; "" if it is."""
    try:
        for each in value if isinstance(value, tuple) else (value,):
            kind.read(each)
    except Unfit as error:
        return f"{error}; expected {kind.expected}"
    return ""


def number(text: str) -> int | None:
    """A whole number, as StarCluster reads them."""
    text = text.strip()
    return int(text) if text.lstrip("+-").isdigit() and len(text) < 10 else None


def yes(text: str | None) -> bool:
    """True, as StarCluster reads it."""
    return (text or "").strip().lower() in {"1", "yes", "true", "on"}
