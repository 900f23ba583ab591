"""``variable "NAME" { … }``: what is declared, and which value it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from hpcctl.errors import Problem
from hpcctl.nearest import did_you_mean
from hpcctl.spec.document.model import Located, Place, Section, Span, problem_at
from hpcctl.spec.document.tree import Block

PREFIX = "HPCCTL_VAR_"
"""Of the environment's variables that give ours their values."""

_FIELDS = ("default", "description")


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One declaration. ``default`` is ``None`` where there is none (and a value where it is ``null``)."""

    name: str
    place: Place
    default: Located | None = None
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Everything that ``var.NAME`` may mean: ``--set`` before the environment before the default.

    ``open``: variables may be used at all.
    """

    variables: Mapping[str, Variable]
    settings: Mapping[str, str]
    environ: Mapping[str, str]
    open: bool = True

    def find(self, name: str, span: Span) -> Located | Problem:
        """The value of a variable where it is used, or why it has none."""
        if not self.open:
            return problem_at(span, "variables cannot be used here", "write the value itself")
        variable = self.variables.get(name)
        if variable is None:
            otherwise = f'declare it at the top of the file: variable "{name}" {{ }}'
            hint = did_you_mean(name, self.variables, otherwise=otherwise)
            return problem_at(span, f"no variable is called {name}", hint)
        given = self.settings.get(name, self.environ.get(f"{PREFIX}{name}"))
        if given is not None:
            return Located(value=given, span=span, loose=True)
        if variable.default is not None:
            return Located(value=variable.default.value, span=span, loose=variable.default.loose)
        where = f" ({_line(variable.place)})"
        ways = (
            f"--set {name}=…, the environment's {PREFIX}{name}, or a default in the variable's block{where}"
        )
        return problem_at(span, f"the variable {name} has no value", ways)

    def unknown_settings(self) -> Iterator[Problem]:
        """What was set and is declared nowhere."""
        for name in self.settings:
            if name not in self.variables:
                listing = f"there are: {', '.join(self.variables)}" if self.variables else "there are none"
                hint = did_you_mean(name, self.variables, otherwise=listing)
                yield Problem(where=f"--set {name}", what=f"no variable is called {name!r}", hint=hint)


NOTHING = Scope(variables={}, settings={}, environ={}, open=False)


def unknown_fields(block: Block) -> Iterator[Problem]:
    """What a variable does not have, whatever stands behind it: ``type = number``, say, as in Terraform."""
    for attribute in block.body.attributes:
        if attribute.name not in _FIELDS:
            hint = did_you_mean(attribute.name, _FIELDS, otherwise=f"a variable has: {', '.join(_FIELDS)}")
            yield problem_at(attribute.span, f"{attribute.name!r} is not known here", hint)
    for inner in block.body.blocks:
        yield problem_at(inner.span, f"{inner.type!r} is not known here", "a variable has no blocks")


def with_known_fields(block: Block) -> Block:
    """The same block without what a variable does not have."""
    known = tuple(attribute for attribute in block.body.attributes if attribute.name in _FIELDS)
    return replace(block, body=replace(block.body, attributes=known, blocks=()))


def declared(section: Section, problems: list[Problem]) -> Variable:
    """A block as a declaration; what is wrong with it is added to ``problems``."""
    if not section.label:
        problems.append(
            problem_at(section.span, "a variable needs a name", 'such as: variable "project" { … }')
        )
    described = section.value("description")
    if described and not isinstance(described.value, str):
        problems.append(
            problem_at(described.span, "the description must be text", 'such as "Goes on the bill."')
        )
    text = described.value if described and isinstance(described.value, str) else ""
    return Variable(
        name=section.label, place=section.span, default=section.value("default"), description=text
    )


def _line(place: Place) -> str:
    return place if isinstance(place, str) else f"{place.path}:{place.line}"
