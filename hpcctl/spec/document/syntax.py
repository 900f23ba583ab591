"""Text to tree: the only place that knows how python-hcl2 and lark put one together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

from hpcctl.errors import Problem
from hpcctl.spec.document.complaints import complaint
from hpcctl.spec.document.model import Span, problem_at
from hpcctl.spec.document.scanning import scan
from hpcctl.spec.document.texts import BadText, heredoc_parts, unescaped
from hpcctl.spec.document.tree import (
    Attribute,
    Block,
    Body,
    Entries,
    Entry,
    Expression,
    Items,
    Label,
    Literal,
    Negative,
    Reference,
    Refused,
    Source,
    Template,
)

Node: TypeAlias = Any
"""A lark tree or token; hcl2 and lark have no types."""

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
_NO_MEANING = {
    "new_line_or_comment",
    "LPAR",
    "RPAR",
    "LSQB",
    "RSQB",
    "LBRACE",
    "RBRACE",
    "COMMA",
    "EQ",
    "COLON",
}
_LITERALS = {"true": True, "false": False, "null": None}
MOST_DIGITS = 30


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """What a file says, as far as it could be read, and what is wrong with how it is written."""

    body: Body
    problems: tuple[Problem, ...]


def parse(path: str, text: str) -> Parsed:
    """The tree of a file; ``path`` is how it is called in problems."""
    import hcl2
    from lark.exceptions import LarkError

    text = text.removeprefix("\ufeff")
    source = Source.of(path, text)
    problems = scan(source, text)
    if problems:
        return Parsed(body=Body(), problems=problems)
    try:
        tree = hcl2.parses_to_tree(text)
    except LarkError as error:
        return Parsed(body=Body(), problems=(complaint(error, source),))
    reader = _Reader(source)
    body = reader.body(tree.children[0])
    return Parsed(body=body, problems=tuple(reader.problems))


class _Reader:
    """One walk over lark's tree."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def body(self, tree: Node) -> Body:
        children = [child for child in tree.children if _kind(child) != "new_line_or_comment"]
        self._lines_of_their_own(children)
        return Body(
            attributes=tuple(self.attribute(child) for child in children if _kind(child) == "attribute"),
            blocks=tuple(self.block(child) for child in children if _kind(child) == "block"),
        )

    def attribute(self, tree: Node) -> Attribute:
        name, _, value = tree.children
        return Attribute(name=_word(name), span=self._span(name), expression=self.expression(value))

    def block(self, tree: Node) -> Block:
        *words, body = _meaningful(tree)
        head, *labels = words
        first, last = _extent(head), _extent(words[-1])
        return Block(
            type=_word(head),
            labels=tuple(Label(text=self._label(word), span=self._span(word)) for word in labels),
            body=self.body(body),
            span=self.source.span(first[0], first[1], last[2], last[3]),
            type_span=self._span(head),
        )

    def _label(self, word: Node) -> Expression:
        if _kind(word) == "string":
            return self.string(word)
        return Template(parts=(_word(word),), span=self._span(word))

    def expression(self, tree: Node) -> Expression:
        kind, span = _kind(tree), self._span(tree)
        if kind == "expr_term":
            return self.term(_meaningful(tree)[0])
        if kind == "unary_op":
            sign, operand = tree.children
            if str(sign).strip() == "-":
                return Negative(operand=self.expression(operand), span=span)
            return Refused(what="`!` is not evaluated", hint=ALLOWED, span=span)
        return self._refused(kind, span)

    def term(self, tree: Node) -> Expression:
        kind, span = _kind(tree), self._span(tree)
        if kind in ("int_lit", "float_lit"):
            return self._number(_word(tree), span)
        if kind == "literal_value":
            return Literal(value=_LITERALS[_word(tree)], span=span)
        if kind in _TERMS:
            found: Expression = _TERMS[kind](self, tree)
            return found
        if kind in ("expr_term", "unary_op"):
            return self.expression(tree)
        return self._refused(kind, span)

    def string(self, tree: Node) -> Expression:
        span = self._span(tree)
        try:
            parts = [self._part(part.children[0]) for part in tree.children[1:-1]]
        except BadText as error:
            return Refused(what=error.what, hint=error.hint, span=span)
        if _extent(tree)[0] != _extent(tree)[2]:
            return Refused(
                what="text between quotes ends on its line", hint="for more lines: <<END", span=span
            )
        return Template(parts=tuple(parts), span=span)

    def _part(self, part: Node) -> str | Expression:
        kind = _kind(part)
        if kind == "interpolation":
            return self.expression(part.children[1])
        if kind.startswith("template_"):
            return Refused(
                what="directives such as %{ if } are not evaluated", hint=ALLOWED, span=self._span(part)
            )
        return unescaped(str(part), escaped=kind.startswith("ESCAPED"))

    def heredoc(self, tree: Node) -> Expression:
        span = self._span(tree)
        try:
            return Template(parts=heredoc_parts(str(tree.children[0]), self.source, span), span=span)
        except BadText as error:
            return Refused(what=error.what, hint=error.hint, span=error.span or span)

    def items(self, tree: Node) -> Expression:
        return Items(items=tuple(map(self.expression, _meaningful(tree))), span=self._span(tree))

    def entries(self, tree: Node) -> Expression:
        for one, other in pairwise(tree.children):
            if _kind(one) == _kind(other) == "object_elem":
                self._tell(other, "expected a comma or a new line before this", "one entry a line")
        elements = [child for child in tree.children if _kind(child) == "object_elem"]
        return Entries(entries=tuple(map(self._entry, elements)), span=self._span(tree))

    def _entry(self, tree: Node) -> Entry:
        key, value = _meaningful(tree)
        return Entry(name=self._entry_name(key), value=self.expression(value))

    def _entry_name(self, key: Node) -> Expression:
        inner, span = key.children[0], self._span(key)
        words = _meaningful(inner) if _kind(inner) == "expr_term" else [inner]
        if len(words) == 1 and _kind(words[0]) in ("identifier", "keyword", "literal_value"):
            return Template(parts=(_word(words[0]),), span=span)
        return self.expression(inner)

    def reference(self, tree: Node) -> Expression:
        owner, attribute = tree.children
        span = self._span(tree)
        inner = _meaningful(owner)[0] if _kind(owner) == "expr_term" else owner
        if _kind(inner) == "identifier" and _word(inner) == "var":
            return Reference(name=_word(attribute.children[-1]), span=span)
        return self._bare(span)

    def bare(self, tree: Node) -> Expression:
        return self._bare(self._span(tree))

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

    def _lines_of_their_own(self, children: Sequence[Node]) -> None:
        for one, other in pairwise(children):
            if _extent(one)[2] == _extent(other)[0] and not _ends_its_line(one):
                self._tell(
                    _meaningful(other)[0], "expected a new line before this", "one attribute or block a line"
                )

    def _tell(self, tree: Node, what: str, hint: str) -> None:
        self.problems.append(problem_at(self._span(tree), what, hint))

    def _span(self, tree: Node) -> Span:
        return self.source.span(*_extent(tree))


_TERMS: dict[str, Any] = {
    "string": _Reader.string,
    "heredoc_template": _Reader.heredoc,
    "heredoc_template_trim": _Reader.heredoc,
    "tuple": _Reader.items,
    "object": _Reader.entries,
    "get_attr_expr_term": _Reader.reference,
    "identifier": _Reader.bare,
}


def _kind(tree: Node) -> str:
    """The rule of a tree, the terminal of a token."""
    return str(getattr(tree, "data", None) or tree.type)


def _meaningful(tree: Node) -> list[Node]:
    return [child for child in tree.children if _kind(child) not in _NO_MEANING]


def _word(tree: Node) -> str:
    """The text of a name, a keyword, a number."""
    return "".join(_tokens(tree))


def _tokens(tree: Node) -> Iterator[str]:
    if not hasattr(tree, "children"):
        yield str(tree).strip()
        return
    for child in tree.children:
        yield from _tokens(child)


def _extent(tree: Node) -> tuple[int, int, int, int]:
    """Line and column of the beginning and the end."""
    place: Any = getattr(tree, "meta", tree)
    return place.line, place.column, place.end_line, place.end_column


def _ends_its_line(tree: Node) -> bool:
    """The last token of a heredoc has the new line in it, and that of some calculations."""
    last = tree
    while getattr(last, "children", None):
        last = last.children[-1]
    return "\n" in str(last)
