"""What the user asks for, out of all layers: the profile's defaults, a cluster file, the words of a command line."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hpcctl.spec.arguments import Arguments, built_from
from hpcctl.spec.building import Built
from hpcctl.spec.document import chain
from hpcctl.spec.document.loading import Document, open_document
from hpcctl.spec.document.merging import merged
from hpcctl.spec.document.model import Section

CLUSTER_FILE = "cluster.hcl"
"""The file that is used where none is named."""

_MOST = 1 << 20  # characters of a file that somebody wrote by hand


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked for. ``template`` is one of the ``file``; ``settings`` are values of its variables; ``defaults``
    are those of the profile."""

    arguments: Arguments
    file: Path | None = None
    template: str | None = None
    settings: tuple[tuple[str, str], ...] = ()
    defaults: Section | None = None


def understood(asked: Asked, *, environ: Mapping[str, str]) -> Built:
    """The spec and what belongs to it. SpecError with every mistake of all layers, each at its place."""
    if asked.file is None:
        return built_from(asked.arguments, read=read_text, below=asked.defaults)
    document = open_asked(asked, environ=environ)
    return understood_in(document, document.choose(asked.template), asked)


def open_asked(asked: Asked, *, environ: Mapping[str, str]) -> Document:
    """The file that is named, with all that it includes. SpecError where it cannot be read."""
    assert asked.file
    return open_document(asked.file, settings=dict(asked.settings), environ=environ, read=read_text)


def understood_in(document: Document, label: str, asked: Asked) -> Built:
    """One template of an open document."""
    reading = document.reading(label)
    below = merged(asked.defaults, reading.section) if asked.defaults else reading.section
    return built_from(asked.arguments, read=read_text, below=below, besides=reading.problems)


def read_text(path: Path) -> str:
    """The text of a file of the user's. OSError or UnicodeDecodeError."""
    with path.expanduser().open(encoding="utf-8") as file:
        text = file.read(_MOST + 1)
    if len(text) > _MOST:
        raise OSError(errno.EFBIG, "it is larger than 1 MiB", str(path))
    return text


def candidates(document: Document) -> tuple[str, ...]:
    """The templates that are clusters: those that no other extends. SpecError where there is none."""
    return chain.tops(document.library, document.path) or (document.choose(None),)
