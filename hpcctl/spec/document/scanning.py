"""What a person gets wrong most often, found before the parser stumbles over it far behind the place.

The grammar lets a text in quotes go on over the end of its line, and of a brace that was never closed it says only that
the file ended. So quotes, brackets, comments and heredocs are followed here first; numbers are looked at on the way.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from hpcctl.errors import Problem
from hpcctl.spec.document.model import problem_at
from hpcctl.spec.document.tree import Source

DEEPEST = 40
"""Brackets within brackets: enough for every cluster, and for no recursion to end the program."""

_PAIRS = {")": "(", "]": "[", "}": "{"}
_ENDS = {"(": ")", "[": "]", "{": "}", "${": "}", "%{": "}"}
_CODE = re.compile(
    r"""(?P<comment>\#[^\n]*|//[^\n]*|/\*(?:.*?)\*/)|(?P<endless>/\*)
    |(?P<heredoc><<-?(?P<mark>[A-Za-z][\w.-]*)\r?\n)
    |(?P<quote>")|(?P<single>')
    |(?P<open>[\[({])|(?P<close>[\])}])
    |(?P<name>[^\W\d][\w-]*)
    |(?P<number>\d(?:[\w.]|/(?=\w)|(?<=[eE])[+-](?=\d))*)
    |(?P<newline>\n)""",
    re.VERBOSE | re.DOTALL,
)
_TEXT = re.compile(r'(?P<end>")|(?P<newline>\r?\n)|(?P<escaped>\\[^\n]|\$\$\{|%%\{)|(?P<open>[$%]\{)')
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


class _Broken(Exception):
    """The rest cannot be followed."""


@dataclass
class _Scan:
    source: Source
    text: str
    starts: list[int]
    opened: list[tuple[str, int]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    suspect: tuple[str, int] | None = None

    def tell(self, start: int, length: int, what: str, hint: str) -> None:
        line = bisect_right(self.starts, start)
        column = start - self.starts[line - 1] + 1
        self.problems.append(problem_at(self.source.span(line, column, line, column + length), what, hint))

    def indent(self, start: int) -> int:
        """How far the line is indented that a place is in."""
        line = self.source.lines[self.line_of(start) - 1]
        return len(line) - len(line.lstrip())

    def line_of(self, start: int) -> int:
        return bisect_right(self.starts, start)


def scan(source: Source, text: str) -> tuple[Problem, ...]:
    """Quotes and brackets without their ends, and what begins as a number and is none."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    state = _Scan(source=source, text=text, starts=starts)
    position = 0
    try:
        while position < len(text):
            position = _text(state, position) if _in_text(state) else _code(state, position)
        if state.opened:
            _unclosed(state)
    except _Broken:
        pass
    return tuple(state.problems)


def _in_text(state: _Scan) -> bool:
    return bool(state.opened) and state.opened[-1][0] == '"'


def _code(state: _Scan, position: int) -> int:
    found = _CODE.search(state.text, position)
    if found is None:
        return len(state.text)
    kind, start = found.lastgroup, found.start()
    if kind in ("quote", "open"):
        _push(state, found[0], start)
    elif kind == "close":
        _pop(state, found[0], start)
    elif kind == "number":
        _number(state, found[0], start)
    elif kind == "heredoc":
        return _heredoc(state, found)
    elif kind == "endless":
        state.tell(start, 2, "this comment has no end", "a comment over several lines ends with */")
        raise _Broken
    elif kind == "single":
        state.tell(start, 1, "text stands between double quotes", 'such as "us-east-1"')
        raise _Broken
    elif kind == "newline" and any(opener in ("${", "%{") for opener, _ in state.opened):
        _unclosed(state)
    return found.end()


def _text(state: _Scan, position: int) -> int:
    found = _TEXT.search(state.text, position)
    if found is None or found.lastgroup == "newline":
        _unclosed(state)
        raise _Broken
    if found.lastgroup == "end":
        state.opened.pop()
    elif found.lastgroup == "open":
        _push(state, found[0], found.start())
    return found.end()


def _push(state: _Scan, opener: str, start: int) -> None:
    state.opened.append((opener, start))
    if len(state.opened) > DEEPEST:
        state.tell(start, len(opener), "too many brackets within brackets", f"at most {DEEPEST}")
        raise _Broken


def _pop(state: _Scan, closer: str, start: int) -> None:
    opener, began = state.opened[-1] if state.opened else ("", start)
    if not any(_ENDS.get(each) == closer for each, _ in state.opened):
        hint = f"remove it, or add a {_PAIRS[closer]}"
        state.tell(start, 1, f"nothing is open that {closer} could close", hint)
        raise _Broken
    if _ENDS[opener] != closer:
        line = state.line_of(start)
        hint = f"expected {_ENDS[opener]} before the {closer} in line {line}"
        state.tell(began, len(opener), f"this {opener} is not closed", hint)
        raise _Broken
    state.opened.pop()
    if state.suspect is None and state.indent(start) < state.indent(began):
        state.suspect = (opener, began)


def _number(state: _Scan, text: str, start: int) -> None:
    if not _NUMBER.fullmatch(text):
        state.tell(start, len(text), f"{text} is not a number", f'text stands between quotes: "{text}"')


def _heredoc(state: _Scan, found: re.Match[str]) -> int:
    mark = found["mark"]
    end = re.compile(rf"^[ \t]*{re.escape(mark)}\r?(?:\n|\Z)", re.MULTILINE).search(state.text, found.end())
    if end is None:
        text = found["heredoc"].rstrip("\r\n")
        state.tell(
            found.start(), len(text), "this text has no end", f"it ends with a line that is {mark} alone"
        )
        raise _Broken
    return end.end() - 1


def _unclosed(state: _Scan) -> None:
    """Tell of what is open still; of braces the one that, by the indentation, was meant to be closed before."""
    opener, start = state.opened[-1]
    if opener == '"':
        line = state.line_of(start)
        length = len(state.source.lines[line - 1]) - (start - state.starts[line - 1])
        hint = 'expected " before the end of the line'
        state.tell(start, length, "this text has no closing quote", hint)
    else:
        opener, start = (state.suspect or (opener, start)) if opener == "{" else (opener, start)
        hint = f"expected {_ENDS[opener]} before the end of the {_until(opener)}"
        state.tell(start, len(opener), f"this {opener} is not closed", hint)
    raise _Broken


def _until(opener: str) -> str:
    return "line" if opener in ("${", "%{") else "file"
