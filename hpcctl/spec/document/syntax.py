"""Text to tree: the only place that calls python-hcl2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hpcctl.errors import Problem
from hpcctl.spec.document.complaints import complaint
from hpcctl.spec.document.nodes import Node, ends_its_line, extent_of, kind_of, meaningful, word_of
from hpcctl.spec.document.scanning import scan
from hpcctl.spec.document.terms import Terms
from hpcctl.spec.document.tree import Attribute, Block, Body, Expression, Label, Source, Template


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
    return Parsed(body=body, problems=tuple(reader.terms.problems))


class _Reader:
    """One walk over lark's tree."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.terms = Terms(source)

    def body(self, tree: Node) -> Body:
        children = [child for child in tree.children if kind_of(child) != "new_line_or_comment"]
        self._lines_of_their_own(children)
        return Body(
            attributes=tuple(self.attribute(child) for child in children if kind_of(child) == "attribute"),
            blocks=tuple(self.block(child) for child in children if kind_of(child) == "block"),
        )

    def attribute(self, tree: Node) -> Attribute:
        name, _, value = tree.children
        return Attribute(
            name=word_of(name), span=self.terms.span(name), expression=self.terms.expression(value)
        )

    def block(self, tree: Node) -> Block:
        *words, body = meaningful(tree)
        head, *labels = words
        first, last = extent_of(head), extent_of(words[-1])
        return Block(
            type=word_of(head),
            labels=tuple(Label(text=self._label(word), span=self.terms.span(word)) for word in labels),
            body=self.body(body),
            span=self.source.span(first[0], first[1], last[2], last[3]),
            type_span=self.terms.span(head),
        )

    def _label(self, word: Node) -> Expression:
        if kind_of(word) == "string":
            return self.terms.string(word)
        return Template(parts=(word_of(word),), span=self.terms.span(word))

    def _lines_of_their_own(self, children: Sequence[Node]) -> None:
        for one, other in pairwise(children):
            if extent_of(one)[2] == extent_of(other)[0] and not ends_its_line(one):
                self.terms.tell(
                    meaningful(other)[0], "expected a new line before this", "one attribute or block a line"
                )
