"""A section held against its block: what it says, in values of the right kinds, and all that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from hpcctl.errors import Problem
from hpcctl.nearest import did_you_mean, nearest
from hpcctl.spec.document.model import Located, Place, Section, problem_at
from hpcctl.spec.schema.kinds import shown
from hpcctl.spec.schema.model import Block, Body, Entry, Field, Kind, Scalar, Shape, Unfit, Value

_NUMBER = re.compile(r"[+-]?[0-9]{1,30}")
_AMOUNT = re.compile(r"[+-]?[0-9]{1,12}(?:\.[0-9]{1,12})?")
_NAMES: dict[type, str] = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def check(section: Section, block: Block) -> tuple[Problem, ...]:
    """Everything that is wrong with a section, in the order of its file."""
    return understood(section, block)[1]


def understood(section: Section, block: Block, *, whole: bool = True) -> tuple[Body, tuple[Problem, ...]]:
    """What a section says, and everything that is wrong with it; of one that is not ``whole`` nothing is missed."""
    reader = _Reader(whole)
    body = reader.body(section, block)
    return body, tuple(reader.problems)


class _Reader:
    """Walks through sections, and notes what is wrong."""

    def __init__(self, whole: bool) -> None:
        self.problems: list[Problem] = []
        self.whole = whole

    def body(self, section: Section, block: Block) -> Body:
        """A section and those inside it."""
        if block.reserved:
            what = f"not yet: {block.name} blocks come with a later hpcctl"
            self.problems.append(problem_at(section.span, what, "leave it out until then"))
            return Body(block=block, section=section)
        self.problems += _label(section, block)
        entries = tuple(self._entries(section, block))
        bodies = tuple(self._bodies(section, block))
        self.problems += _missing(section, block) if self.whole else ()
        return Body(block=block, section=section, entries=entries, bodies=bodies)

    def _entries(self, section: Section, block: Block) -> Iterator[Entry]:
        for name, located in section.values:
            field = block.field(name)
            if not field:
                self.problems.append(_unknown_field(name, located, section, block))
            elif located.value is not None:
                yield Entry(name=name, value=self._value(located, field), at=located)

    def _bodies(self, section: Section, block: Block) -> Iterator[Body]:
        for inner in section.sections:
            known = block.block(inner.kind)
            if known:
                yield self.body(inner, known)
            else:
                self.problems.append(_unknown_block(inner, block))

    def _value(self, located: Located, field: Field) -> Value | None:
        if field.shape is Shape.MAP:
            return self._map(located, field)
        if field.shape is Shape.ONE or (
            field.shape is Shape.ONE_OR_LIST and not isinstance(located.value, tuple)
        ):
            one = self._scalar(located, field.kind, field)
            return one if one is None or field.shape is Shape.ONE else (one,)
        if not isinstance(located.value, tuple) or _is_map(located.value):
            self.problems.append(
                problem_at(
                    located.span, f"{field.name} is a list", f"such as: {field.name} = {field.example}"
                )
            )
            return None
        found = [self._scalar(each, field.kind, field) for each in located.value if isinstance(each, Located)]
        return None if None in found else tuple(each for each in found if each is not None)

    def _map(self, located: Located, field: Field) -> Value | None:
        assert field.keys
        if not isinstance(located.value, tuple) or (located.value and not _is_map(located.value)):
            what = f"{field.name} are names and values"
            self.problems.append(problem_at(located.span, what, f"such as: {field.name} = {field.example}"))
            return None
        found = []
        for each in located.value:
            if isinstance(each, tuple):
                name = Located(value=each[0], span=each[1].key or each[1].span)
                found.append(
                    (self._scalar(name, field.keys, field), self._scalar(each[1], field.kind, field))
                )
        return tuple((str(key), str(value)) for key, value in found if key is not None and value is not None)

    def _scalar(self, located: Located, kind: Kind, field: Field) -> Scalar | None:
        try:
            return kind.read(_of_base(located, kind, field))
        except Unfit as unfit:
            self.problems.append(problem_at(located.span, str(unfit), f"expected {kind.expected}"))
            return None


def _of_base(located: Located, kind: Kind, field: Field) -> Scalar:
    """The value as text, number or truth, whichever the kind is made of."""
    value = located.value
    if value is None or isinstance(value, tuple):
        raise Unfit(f"{field.name} is {'nothing' if value is None else 'one value, not several'}")
    if located.loose and isinstance(value, str):
        return _from_text(value, kind)
    if kind.base is float and type(value) is int:
        return float(value) if abs(value) < 10**12 else 1e12
    if kind.digits and type(value) is int:
        return str(value)
    if type(value) is kind.base:
        return value
    quoted = isinstance(value, str) and kind.base is not str and _fits(value, kind)
    advice = ": leave out the quotes" if quoted else ""
    raise Unfit(f"{shown(value)} is not {_NAMES[kind.base]}{advice}")


def _from_text(text: str, kind: Kind) -> Scalar:
    """What a word of a command line or of the environment stands for."""
    if not _fits(text, kind):
        raise Unfit(f"{text!r} is not {_NAMES[kind.base]}")
    if kind.base is bool:
        return text == "true"
    return kind.base(text)


def _fits(text: str, kind: Kind) -> bool:
    """Does a text read as a value of the base?"""
    if kind.base is bool:
        return text in {"true", "false"}
    pattern = {int: _NUMBER, float: _AMOUNT}.get(kind.base)
    return pattern is None or bool(pattern.fullmatch(text))


def _is_map(value: tuple[object, ...]) -> bool:
    return any(isinstance(each, tuple) for each in value)


def _label(section: Section, block: Block) -> Iterator[Problem]:
    place = section.label_span or section.span
    if block.label is None:
        if section.label:
            yield problem_at(place, f"{block.name} has no name of its own", f"write: {block.name} {{ … }}")
    elif not section.label:
        if not block.label_optional:
            hint = f'such as: {block.name} "{block.example}" {{ … }}'
            yield problem_at(section.span, f"this {block.name} has no name", hint)
    else:
        try:
            block.label.read(section.label)
        except Unfit as unfit:
            yield problem_at(place, str(unfit), f"expected {block.label.expected}")


def _missing(section: Section, block: Block) -> Iterator[Problem]:
    said = {name for name, value in section.values if value.value is not None}
    said |= {meant for name in said for meant in _meant(name, block)}  # told once, where it is misspelt
    for field in block.fields:
        if field.required and field.name not in said:
            yield problem_at(
                section.span, f"{named(section)} has no {field.name}", f"add: {field.name} = {field.example}"
            )
    there = {one.kind for one in section.sections} | said
    there |= {meant for name in there for meant in nearest(name, [one.name for one in block.blocks], most=1)}
    for inner in block.blocks:
        if inner.required and inner.name not in there:
            yield problem_at(section.span, f"{named(section)} has no {inner.name}", f"add: {_sketch(inner)}")


def _sketch(block: Block) -> str:
    """A block with what it cannot be without."""
    needed = [f"{field.name} = {field.example}" for field in block.fields if field.required]
    needed += [_sketch(inner) for inner in block.blocks if inner.required]
    return f"{block.name} {{ {' '.join(needed)} }}"


def _unknown_field(name: str, located: Located, section: Section, block: Block) -> Problem:
    place: Place = located.key or located.span
    if block.block(name):
        hint = f"write it without the equals sign: {name} {{ … }}"
        return problem_at(place, f"{name} is a block", hint)
    known = [field.name for field in block.fields]
    meant = next((field.name for field in block.fields if name in field.known_as), "")
    listing = (
        f"{named(section)} knows {', '.join(known)}" if known else f"{named(section)} takes no attributes"
    )
    if not section.kind:
        listing = _at_the_top(block)
    inside = _belongs(inner for inner in block.blocks if inner.field(name))
    hint = f"did you mean {meant}?" if meant else inside or did_you_mean(name, known, otherwise=listing)
    where = f"in {named(section)}" if section.kind else "here"
    return problem_at(place, f"{name} is not known {where}", hint)


def _at_the_top(block: Block) -> str:
    """A hint: what stands in a file around all its blocks."""
    shown = [f'{inner.name} "NAME" {{ … }}' for inner in block.blocks]
    return f"at the top stand {', '.join([*(field.name for field in block.fields), *shown])}"


def _meant(name: str, block: Block) -> tuple[str, ...]:
    """The fields that a name which is none of them may stand for."""
    if block.field(name):
        return ()
    named_so = tuple(field.name for field in block.fields if name in field.known_as)
    return named_so or nearest(name, [field.name for field in block.fields], most=1)


def _unknown_block(inner: Section, block: Block) -> Problem:
    if block.field(inner.kind):
        field = block.field(inner.kind)
        assert field
        hint = f"write: {field.name} = {field.example}"
        return problem_at(inner.span, f"{inner.kind} is no block", hint)
    known = [one.name for one in block.blocks if not one.reserved]
    listing = f"the blocks are: {', '.join(known)}" if known else "no blocks may stand here"
    inside = _belongs(outer for outer in block.blocks if outer.block(inner.kind))
    return problem_at(
        inner.span,
        f"there is no block {inner.kind} in {block.name}",
        inside or did_you_mean(inner.kind, known, otherwise=listing),
    )


def _belongs(blocks: Iterable[Block]) -> str:
    """A hint: in which of the blocks something may stand that stands outside of them; "" if in none."""
    shown = [f'{one.name} "{one.example}" {{ … }}' if one.label else f"{one.name} {{ … }}" for one in blocks]
    return f"write it in {' or '.join(shown)}" if shown else ""


def named(section: Section) -> str:
    """A section in a sentence: ``compute "node"``."""
    return f'{section.kind} "{section.label}"' if section.label else section.kind
