"""Expressions, from the parser's trees to ours."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hpcctl.errors import Problem
from hpcctl.spec.document.model import Span, problem_at
from hpcctl.spec.document.nodes import Node, extent_of, kind_of, meaningful, word_of
from hpcctl.spec.document.texts import BadText, heredoc_parts, unescaped
from hpcctl.spec.document.tree import (
    Entries,
    Entry,
    Expression,
    Items,
    Literal,
    Negative,
    Reference,
    Refused,
    Source,
    Template,
)

ALLOWED = "allowed are text, numbers, true, false, null, lists, objects, var.NAME and ${var.NAME} in text"

_NOT_EVALUATED = {
    "conditional": "conditions",
    "binary_op": "calculations",
    "function_call": "functions",
    "index_expr_term": "indices",
    "attr_splat_expr_term": "splats",
    "full_splat_expr_term": "splats",
    "for_tuple_expr": "for expressions",
    "for_object_expr": "for expressions",
    "template_string": "escaped quotes outside of text",
}
_LITERALS = {"true": True, "false": False, "null": None}
MOST_DIGITS = 30


class Terms:
    """Expressions of one file; ``problems`` grows with what is written as no HCL should be."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def expression(self, tree: Node) -> Expression:
        kind, span = kind_of(tree), self.span(tree)
        if kind == "expr_term":
            return self.term(meaningful(tree)[0])
        if kind == "unary_op":
            sign, operand = tree.children
            if str(sign).strip() == "-":
                return Negative(operand=self.expression(operand), span=span)
            return Refused(what="`!` is not evaluated", hint=ALLOWED, span=span)
        return self._refused(kind, span)

    def term(self, tree: Node) -> Expression:
        kind, span = kind_of(tree), self.span(tree)
        if kind in ("int_lit", "float_lit"):
            return self._number(word_of(tree), span)
        if kind == "literal_value":
            return Literal(value=_LITERALS[word_of(tree)], span=span)
        if kind in _TERMS:
            found: Expression = _TERMS[kind](self, tree)
            return found
        if kind in ("expr_term", "unary_op"):
            return self.expression(tree)
        return self._refused(kind, span)

    def string(self, tree: Node) -> Expression:
        span = self.span(tree)
        try:
            parts = [self._part(part.children[0]) for part in tree.children[1:-1]]
        except BadText as error:
            return Refused(what=error.what, hint=error.hint, span=span)
        if extent_of(tree)[0] != extent_of(tree)[2]:
            return Refused(
                what="text between quotes ends on its line", hint="for more lines: <<END", span=span
            )
        return Template(parts=tuple(parts), span=span)

    def _part(self, part: Node) -> str | Expression:
        kind = kind_of(part)
        if kind == "interpolation":
            return self.expression(part.children[1])
        if kind.startswith("template_"):
            return Refused(
                what="directives such as %{ if } are not evaluated", hint=ALLOWED, span=self.span(part)
            )
        return unescaped(str(part), escaped=kind.startswith("ESCAPED"))

    def heredoc(self, tree: Node) -> Expression:
        span = self.span(tree)
        try:
            return Template(parts=heredoc_parts(str(tree.children[0]), self.source, span), span=span)
        except BadText as error:
            return Refused(what=error.what, hint=error.hint, span=error.span or span)

    def items(self, tree: Node) -> Expression:
        return Items(items=tuple(map(self.expression, meaningful(tree))), span=self.span(tree))

    def entries(self, tree: Node) -> Expression:
        for one, other in pairwise(tree.children):
            if kind_of(one) == kind_of(other) == "object_elem":
                self.tell(other, "expected a comma or a new line before this", "one entry a line")
        elements = [child for child in tree.children if kind_of(child) == "object_elem"]
        return Entries(entries=tuple(map(self._entry, elements)), span=self.span(tree))

    def _entry(self, tree: Node) -> Entry:
        key, value = meaningful(tree)
        return Entry(name=self._entry_name(key), value=self.expression(value))

    def _entry_name(self, key: Node) -> Expression:
        inner, span = key.children[0], self.span(key)
        words = meaningful(inner) if kind_of(inner) == "expr_term" else [inner]
        if len(words) == 1 and kind_of(words[0]) in ("identifier", "keyword", "literal_value"):
            return Template(parts=(word_of(words[0]),), span=span)
        return self.expression(inner)

    def reference(self, tree: Node) -> Expression:
        owner, attribute = tree.children
        span = self.span(tree)
        inner = meaningful(owner)[0] if kind_of(owner) == "expr_term" else owner
        if kind_of(inner) == "identifier" and word_of(inner) == "var":
            return Reference(name=word_of(attribute.children[-1]), span=span)
        return self._bare(span)

    def bare(self, tree: Node) -> Expression:
        return self._bare(self.span(tree))

    def _bare(self, span: Span) -> Refused:
        text = span.text[span.column - 1 : span.end_column - 1]
        if text.lower() in _LITERALS:
            return Refused(what=f"{text} is not known", hint=f"did you mean {text.lower()}?", span=span)
        return Refused(what=f"{text} is not known", hint=f'text stands between quotes: "{text}"', span=span)

    def _number(self, text: str, span: Span) -> Expression:
        number = float(text) if set(text) & set(".eE") else None
        if len(text) > MOST_DIGITS or number in (float("inf"), float("-inf")):
            return Refused(what="this number is too large", hint=f"at most {MOST_DIGITS} digits", span=span)
        return Literal(value=int(text) if number is None else number, span=span)

    def _refused(self, kind: str, span: Span) -> Refused:
        return Refused(
            what=f"{_NOT_EVALUATED.get(kind, 'this')} cannot be used here", hint=ALLOWED, span=span
        )

    def tell(self, tree: Node, what: str, hint: str) -> None:
        self.problems.append(problem_at(self.span(tree), what, hint))

    def span(self, tree: Node) -> Span:
        return self.source.span(*extent_of(tree))


_TERMS: dict[str, Any] = {
    "string": Terms.string,
    "heredoc_template": Terms.heredoc,
    "heredoc_template_trim": Terms.heredoc,
    "tuple": Terms.items,
    "object": Terms.entries,
    "get_attr_expr_term": Terms.reference,
    "identifier": Terms.bare,
}
