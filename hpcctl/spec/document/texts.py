"""What stands between quotes, and in heredocs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hpcctl.spec.document.model import Span
from hpcctl.spec.document.tree import Expression, Reference, Source

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_PIECE = re.compile(r"(?P<escaped>\$\$\{|%%\{)|\$\{\s*var\.(?P<name>[A-Za-z_][\w-]*)\s*\}|(?P<other>[$%]\{)")


class BadText(Exception):
    """Text that cannot be read; ``span`` is where in it, if not all of it."""

    def __init__(self, what: str, hint: str, span: Span | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.span = span


def unescaped(text: str, *, escaped: bool = False) -> str:
    """The characters that a piece of quoted text stands for; an ``escaped`` one begins with ``$${`` or ``%%{``."""
    if escaped and ('"' in text or "\n" in text):
        raise BadText(f"{text[:3]} needs its }} in the same text", f"such as {text[:3]}NAME}}")
    return _ESCAPE.sub(_character, text[1:] if escaped else text)


def _character(found: re.Match[str]) -> str:
    code = found[1]
    if code in _SIMPLE:
        return _SIMPLE[code]
    number = int(code[1:], 16) if len(code) > 1 else -1
    if not 0 <= number <= 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        shown = found[0] if found[0].isprintable() else repr(found[0])
        raise BadText(f"{shown} stands for no character", r"known are \n \r \t \" \\ \uNNNN \UNNNNNNNN")
    return chr(number)


def heredoc_parts(token: str, source: Source, span: Span) -> tuple[str | Expression, ...]:
    """The lines between the first and the last one of a heredoc; ``<<-`` takes away what all are indented by."""
    first, *lines = token.rstrip().split("\n")
    lines = [line.removesuffix("\r") for line in lines[:-1]]
    cut = _common_indent(lines) if first.startswith("<<-") else 0
    parts: list[str | Expression] = []
    for number, line in enumerate(lines, span.line + 1):
        parts.extend(_line_parts(line, cut, source, number))
    return tuple(parts)


def _common_indent(lines: list[str]) -> int:
    return min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)


def _line_parts(line: str, cut: int, source: Source, number: int) -> Iterator[str | Expression]:
    at = min(cut, len(line) - len(line.lstrip(" \t")))
    for found in _PIECE.finditer(line, at):
        yield line[at : found.start()]
        here = source.span(number, found.start() + 1, number, found.end() + 1)
        if found["other"]:
            raise BadText(
                f"only ${{var.NAME}} is evaluated here, not {found['other']}",
                f"{found['other'][0]}{found['other']} stands for {found['other']} itself",
                here,
            )
        yield found["escaped"][1:] if found["escaped"] else Reference(name=found["name"], span=here)
        at = found.end()
    yield line[at:] + "\n"
