"""Files that a cluster file names: read by whoever asks, at the place that names them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from hpcctl.errors import Problem
from hpcctl.spec import publickey
from hpcctl.spec.document.model import Place, Span, problem_at
from hpcctl.spec.model import Script

Read: TypeAlias = Callable[[Path], str]
"""Gives the text of a file (``~`` is the user's home); raises OSError or UnicodeDecodeError."""


def path_of(text: str, place: Place) -> Path:
    """The path that is meant: relative to the file that names it, or to the present folder."""
    path = Path(text)
    if isinstance(place, Span) and not path.is_absolute() and not text.startswith("~"):
        return Path(place.path).parent / path
    return path


def read_text(text: str, place: Place, read: Read, *, what: str) -> str | Problem:
    """The text of the file, or why it cannot be read; ``what`` it is, in words."""
    path = path_of(text, place)
    try:
        return read(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        hint = f"name {what}" + (f"; it was looked for at {path}" if str(path) != text else "")
        return problem_at(place, f"{text} cannot be read: {reason}", hint)


def public_key(text: str, place: Place, read: Read) -> str | Problem:
    """The one public key in a file."""
    found = read_text(text, place, read, what="a public key, such as ~/.ssh/id_ed25519.pub")
    if isinstance(found, Problem):
        return found
    wrong = publickey.problem_with(found, where="")
    return problem_at(place, wrong.what, wrong.hint) if wrong else found.strip()


def script(text: str, place: Place, read: Read) -> Script | Problem:
    """A script for the first boot."""
    found = read_text(text, place, read, what="a script")
    if isinstance(found, Problem):
        return found
    if not found.startswith("#!"):
        return problem_at(place, f"{text} is no script", "its first line says what runs it: #!/bin/bash")
    if "\0" in found:
        return problem_at(place, f"{text} holds characters that no script has", "give it as plain text")
    return Script(name=Path(text).name, text=found)
