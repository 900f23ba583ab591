"""A cluster file with all that it includes and extends, and the templates in it."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hpcctl.errors import Problem, SpecError
from hpcctl.nearest import did_you_mean
from hpcctl.spec.document.chain import DEFAULT, Chain, candidates, labels_in
from hpcctl.spec.document.evaluating import Evaluator
from hpcctl.spec.document.files import Library
from hpcctl.spec.document.model import Section
from hpcctl.spec.document.syntax import parse
from hpcctl.spec.document.variables import NOTHING, Scope, Variable

Read = Callable[[Path], str]
"""The text of a file; OSError or UnicodeDecodeError if it cannot be had. A path may begin with ``~``."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A template as far as it could be read: what is broken is left out of ``section``, and told in ``problems``."""

    section: Section
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class Document:
    """A file that was read, with all others that belong to it."""

    path: str
    library: Library
    scope: Scope

    @property
    def labels(self) -> tuple[str, ...]:
        """The templates, in the order of the file; one without a name is ""."""
        return labels_in(self.library, self.path)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """All that is declared."""
        return tuple(self.scope.variables.values())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong whichever template is chosen."""
        return in_order((*self.library.problems, *self.scope.unknown_settings()))

    def choose(self, label: str | None) -> str:
        """The template that is meant: the one named, the only one, the only one that no other extends, ``default``.

        SpecError (with all that is wrong with the file itself) if that cannot be said.
        """
        if label is not None and label in self.labels:
            return label
        found = candidates(self.library, self.path)
        if label is None and len(found) == 1:
            return found[0]
        raise SpecError(self._unclear(label, found))

    def _unclear(self, label: str | None, found: tuple[str, ...]) -> tuple[Problem, ...]:
        """Why none can be chosen: templates in a circle, a file that cannot be read to its end, too many of them."""
        if label is None and len(found) > 1:
            circle = self.reading(found[0]).problems
            if circle:
                return circle
        hidden = self.library.broken or (self.problems and not self.labels)
        return self.problems if hidden else (*self.problems, _which(self, label, found))

    def reading(self, label: str) -> Reading:
        """A template that there is, with everything that is wrong with it and with the file."""
        chain = Chain(self.library, self.scope)
        section = chain.section(self.path, label)
        if section is None:
            raise SpecError([_which(self, label, self.labels)])
        return Reading(section=section, problems=in_order((*self.problems, *chain.problems)))

    def template(self, label: str) -> Section:
        """A template without mistakes. SpecError with all that there are."""
        reading = self.reading(label)
        if reading.problems:
            raise SpecError(reading.problems)
        return reading.section


def open_document(
    path: Path | str, *, settings: Mapping[str, str], environ: Mapping[str, str], read: Read
) -> Document:
    """A cluster file, and the files it names. SpecError only if that one file cannot be read at all."""
    name = os.path.normpath(path)
    library = Library(read=read)
    library.open(name)
    scope = Scope(variables=library.variables, settings=settings, environ=environ)
    return Document(path=name, library=library, scope=scope)


def load_template(
    path: Path, *, label: str | None, settings: Mapping[str, str], environ: Mapping[str, str], read: Read
) -> Section:
    """The body of one ``cluster`` block, everything merged into it. SpecError with all mistakes."""
    document = open_document(path, settings=settings, environ=environ, read=read)
    return document.template(document.choose(label))


def read_section(path: str, text: str) -> Reading:
    """A file of any other kind, as one section without variables: its attributes and blocks."""
    parsed = parse(path, text)
    evaluator = Evaluator(NOTHING)
    section = evaluator.body(parsed.body, span=path)
    return Reading(section=section, problems=in_order((*parsed.problems, *evaluator.problems)))


def _which(document: Document, label: str | None, found: tuple[str, ...]) -> Problem:
    """Why no template can be chosen."""
    names = ", ".join(name or "(without a name)" for name in found)
    if not document.labels:
        hint = "it needs a block: cluster { … }"
        return Problem(where=document.path, what="there is no template in this file", hint=hint)
    if label is None:
        what = f"there are several templates: {names}"
        hint = f"choose one with --template, or call one of them {DEFAULT!r}"
        return Problem(where=document.path, what=what, hint=hint)
    listing = f"there are: {', '.join(name or '(without a name)' for name in document.labels)}"
    hint = did_you_mean(label, document.labels, otherwise=listing)
    return Problem(where="--template", what=f"no template is called {label!r}", hint=hint)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each once, by file and line; the files in the order of their first problem, words of the command line last."""
    once = tuple(dict.fromkeys(problems))
    paths = list(dict.fromkeys(problem.excerpt.path for problem in once if problem.excerpt))

    def place(problem: Problem) -> tuple[int, int, int]:
        if problem.excerpt is None:
            return len(paths), 0, 0
        return paths.index(problem.excerpt.path), problem.excerpt.line, problem.excerpt.column

    return tuple(sorted(once, key=place))
