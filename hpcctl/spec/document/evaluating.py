"""From a tree to values and sections; every mistake is told, and what cannot be evaluated is left out."""

from __future__ import annotations

from dataclasses import replace

from hpcctl.errors import Problem
from hpcctl.spec.document.model import Located, Place, Section, Span, problem_at
from hpcctl.spec.document.tree import (
    Attribute,
    Block,
    Body,
    Entries,
    Expression,
    Items,
    Literal,
    Negative,
    Reference,
    Refused,
    Template,
)
from hpcctl.spec.document.variables import Scope


class Evaluator:
    """Values in one scope; ``problems`` grows with all that is wrong."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.problems: list[Problem] = []

    def section(self, block: Block) -> Section:
        """A block with everything in it."""
        if len(block.labels) > 1:
            hint = f'such as: {block.type} "NAME" {{ … }}'
            self._tell(block.labels[1].span, "a block has one label at the most", hint)
        label = block.labels[0] if block.labels else None
        return replace(
            self.body(block.body, span=block.span),
            kind=block.type,
            label=self.plain(label.text, "a label") or "" if label else "",
            label_span=label.span if label else None,
        )

    def body(self, body: Body, *, span: Place) -> Section:
        """Attributes and blocks without a block around them."""
        values: dict[str, Located] = {}
        sections: dict[tuple[str, str], Section] = {}
        first: dict[str, Span] = {}
        for attribute in body.attributes:
            if attribute.name in first:
                self._twice(attribute, first[attribute.name])
                continue
            first[attribute.name] = attribute.span
            value = self.value(attribute.expression)
            if value is not None:
                values[attribute.name] = replace(value, key=attribute.span)
        for block in body.blocks:
            section = self.section(block)
            known = sections.setdefault((section.kind, section.label), section)
            if known is not section:
                self._tell(block.span, *_again(section, known))
        return Section(
            kind="", label="", values=tuple(values.items()), sections=tuple(sections.values()), span=span
        )

    def value(self, expression: Expression) -> Located | None:
        """What an expression comes to; ``None`` if it cannot be said, which has been told then."""
        if isinstance(expression, Literal):
            return Located(value=expression.value, span=expression.span)
        if isinstance(expression, Reference):
            return self._reference(expression)
        if isinstance(expression, Refused):
            self._tell(expression.span, expression.what, expression.hint)
            return None
        return self._composed(expression)

    def _composed(self, expression: Template | Items | Entries | Negative) -> Located | None:
        if isinstance(expression, Template):
            return self._template(expression)
        if isinstance(expression, Items):
            return self._items(expression)
        if isinstance(expression, Entries):
            return self._entries(expression)
        return self._negative(expression)

    def plain(self, expression: Expression, what: str) -> str | None:
        """Text without variables in it, as labels and names of files are."""
        if isinstance(expression, Template) and all(isinstance(part, str) for part in expression.parts):
            return "".join(part for part in expression.parts if isinstance(part, str))
        if isinstance(expression, Refused):
            self._tell(expression.span, expression.what, expression.hint)
        else:
            self._tell(expression.span, f"{what} must be plain text", "between quotes, without variables")
        return None

    def _reference(self, reference: Reference) -> Located | None:
        found = self.scope.find(reference.name, reference.span)
        if isinstance(found, Problem):
            self.problems.append(found)
            return None
        return found

    def _template(self, template: Template) -> Located | None:
        if len(template.parts) == 1 and not isinstance(template.parts[0], str):  # "${var.x}" is var.x
            inner = self.value(template.parts[0])
            return replace(inner, span=template.span) if inner else None
        texts = [part if isinstance(part, str) else self._text(part) for part in template.parts]
        if None in texts:
            return None
        return Located(value="".join(text for text in texts if text), span=template.span)

    def _text(self, expression: Expression) -> str | None:
        """A value inside of text."""
        found = self.value(expression)
        if found is None:
            return None
        if found.value is None or isinstance(found.value, tuple):
            kind = "null" if found.value is None else "a list or an object"
            self._tell(expression.span, f"{kind} cannot be part of a text", "a text or a number can")
            return None
        if isinstance(found.value, bool):
            return "true" if found.value else "false"
        return str(found.value)

    def _items(self, items: Items) -> Located | None:
        found = [self.value(item) for item in items.items]
        if None in found:
            return None
        return Located(value=tuple(item for item in found if item is not None), span=items.span)

    def _entries(self, entries: Entries) -> Located | None:
        found: dict[str, Located] = {}
        whole = True
        for entry in entries.entries:
            name, value = self.plain(entry.name, "the name of an entry"), self.value(entry.value)
            if name is None or value is None:
                whole = False
            elif name in found:
                self._tell(entry.name.span, f"{name!r} is there twice", "keep one of them")
            else:
                found[name] = replace(value, key=entry.name.span)
        return Located(value=tuple(found.items()), span=entries.span) if whole else None

    def _negative(self, negative: Negative) -> Located | None:
        found = self.value(negative.operand)
        if found is None:
            return None
        if isinstance(found.value, bool) or not isinstance(found.value, int | float):
            self._tell(negative.span, "only a number can have a minus", "such as -1")
            return None
        return Located(value=-found.value, span=negative.span)

    def _twice(self, attribute: Attribute, first: Span) -> None:
        what = f"{attribute.name!r} is there twice: it is in line {first.line} already"
        self._tell(attribute.span, what, "keep one of them")

    def _tell(self, span: Span, what: str, hint: str) -> None:
        self.problems.append(problem_at(span, what, hint))


def _again(section: Section, known: Section) -> tuple[str, str]:
    name = f'{section.kind} "{section.label}"' if section.label else section.kind
    line = known.span.line if isinstance(known.span, Span) else 0
    hint = (
        "keep one of them" if section.label else f'several of them need names: {section.kind} "NAME" {{ … }}'
    )
    return f"the block {name} is there twice: it is in line {line} already", hint
