"""The files that belong to a cluster file: read once each, includes before the file that includes them."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hpcctl.errors import Problem, SpecError
from hpcctl.nearest import did_you_mean
from hpcctl.spec.document.evaluating import Evaluator
from hpcctl.spec.document.model import Span, problem_at
from hpcctl.spec.document.syntax import parse
from hpcctl.spec.document.tree import Attribute, Block, Body, Items
from hpcctl.spec.document.variables import NOTHING, Variable, declared, unknown_fields, with_known_fields

MOST_FILES = 100
ENDING = ".hcl"
BLOCKS = ("cluster", "variable")


@dataclass(frozen=True, kw_only=True)
class File:
    """One file: its templates, and the names of the files that it includes, in their order."""

    path: str
    clusters: tuple[Block, ...]
    includes: tuple[str, ...]


@dataclass
class Library:
    """All files that one names, directly or not, by their paths.

    ``variables`` are those of all files; where a name is declared twice, the file that includes or extends wins.
    ``broken``: some file could not be read to its end, so what seems to be missing may be in there.
    """

    read: Callable[[Path], str]
    files: dict[str, File] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    broken: bool = False

    def open(self, path: str) -> None:
        """Read the first file. SpecError if that cannot be."""
        try:
            text = self.read(Path(path))
        except (OSError, ValueError) as error:
            hint = "is the path right?" if isinstance(error, OSError) else "a cluster file is plain text"
            raise SpecError([Problem(where=path, what=_unreadable(error), hint=hint)]) from error
        self._take(path, text, (path,))

    def visible(self, path: str) -> Iterator[File]:
        """A file and all that it includes, the included ones first, none twice."""
        seen: dict[str, File] = {}
        self._collect(path, seen)
        yield from seen.values()

    def _collect(self, path: str, seen: dict[str, File]) -> None:
        if path not in self.files or path in seen:
            return
        for name in self.files[path].includes:
            self._collect(name, seen)
        seen.setdefault(path, self.files[path])

    def _take(self, path: str, text: str, route: tuple[str, ...]) -> None:
        parsed = parse(path, text)
        self.problems += parsed.problems
        self.broken = self.broken or bool(parsed.problems)
        self.files[path] = File(path=path, clusters=(), includes=())
        self._declare(parsed.body)
        includes = [name for name in self._includes(parsed.body, route) if name]
        clusters = tuple(block for block in parsed.body.blocks if block.type == "cluster")
        self.files[path] = File(path=path, clusters=clusters, includes=tuple(includes))
        self.problems += _again(clusters)
        self._unknown(parsed.body)
        for block in clusters:
            for attribute in block.body.attributes:
                if attribute.name == "extends":
                    self._follow(attribute, path)

    def _follow(self, attribute: Attribute, path: str) -> None:
        """Read the file that a template extends, if it names one."""
        wanted = plain(attribute)
        if wanted is not None and target_of(wanted)[0]:
            self._reach(beside(path, target_of(wanted)[0]), attribute.expression.span, ())

    def _includes(self, body: Body, route: tuple[str, ...]) -> Iterator[str | None]:
        for attribute in body.attributes:
            if attribute.name != "include":
                continue
            expression = attribute.expression
            for item in expression.items if isinstance(expression, Items) else (expression,):
                evaluator = Evaluator(NOTHING)
                name = evaluator.plain(item, "the name of a file")
                self.problems += evaluator.problems
                yield self._reach(beside(route[-1], name), item.span, route) if name else None

    def _reach(self, path: str, span: Span, route: tuple[str, ...]) -> str | None:
        """Read one more file, named at ``span``; ``None`` if that cannot be, or if it leads back to itself."""
        if path in route:
            drawn = " -> ".join((*route[route.index(path) :], path))
            self.problems.append(
                problem_at(span, f"these files include each other: {drawn}", "remove one of them")
            )
            return None
        if path in self.files:
            return path
        if len(self.files) >= MOST_FILES:
            self.problems.append(
                problem_at(span, f"more than {MOST_FILES} files", "do links lead in a circle?")
            )
            return None
        try:
            text = self.read(Path(path))
        except (OSError, ValueError) as error:
            self.broken = True
            hint = "names of files are relative to the file that names them"
            self.problems.append(problem_at(span, f"{path} {_unreadable(error)}", hint))
            return None
        self._take(path, text, (*route, path))
        return path

    def _declare(self, body: Body) -> None:
        here: dict[str, Variable] = {}
        for block in body.blocks:
            if block.type != "variable":
                continue
            evaluator = Evaluator(NOTHING)
            self.problems += unknown_fields(block)
            section = evaluator.section(with_known_fields(block))
            self.problems += evaluator.problems
            variable = declared(section, self.problems)
            if variable.name in here:
                what, first = f"the variable {variable.name} is there twice", here[variable.name].place
                line = f": it is in line {first.line} already" if isinstance(first, Span) else ""
                self.problems.append(problem_at(block.span, what + line, "keep one of them"))
            here.setdefault(variable.name, variable)
        for name, variable in here.items():
            self.variables.setdefault(name, variable)

    def _unknown(self, body: Body) -> None:
        words = [("include",), BLOCKS]
        attributes = [(attribute.name, attribute.span) for attribute in body.attributes]
        blocks = [(block.type, block.type_span) for block in body.blocks]
        for known, found in zip(words, (attributes, blocks), strict=True):
            for name, span in found:
                if name not in known:
                    self.problems.append(_out_of_place(name, span))
        seen: dict[str, Span] = {}
        for attribute in body.attributes:
            if attribute.name in seen:
                line = seen[attribute.name].line
                what = f"{attribute.name!r} is there twice: it is in line {line} already"
                self.problems.append(problem_at(attribute.span, what, "keep one of them"))
            seen.setdefault(attribute.name, attribute.span)


def label_of(block: Block) -> str:
    """The name of a template; "" for one without."""
    return Evaluator(NOTHING).plain(block.labels[0].text, "a label") or "" if block.labels else ""


def _again(clusters: tuple[Block, ...]) -> Iterator[Problem]:
    """Templates of one file that have the same name: a copy that was not renamed would be merged in silence."""
    seen: dict[str, int] = {}
    for block in clusters:
        label = label_of(block)
        if label in seen:
            name = f'the template cluster "{label}"' if label else "a cluster block without a name"
            what = f"{name} is there twice: it is in line {seen[label]} already"
            hint = (
                "call one of them something else, or remove it"
                if label
                else 'give both names: cluster "NAME" { … }'
            )
            yield problem_at(block.span, what, hint)
        seen.setdefault(label, block.span.line)


def plain(attribute: Attribute) -> str | None:
    """The text of an attribute that must be plain; ``None`` if it is not, which is told when its template is read."""
    return Evaluator(NOTHING).plain(attribute.expression, attribute.name)


def target_of(text: str) -> tuple[str, str]:
    """What ``extends`` names: a file or "", and a label or ""."""
    file, _, label = text.partition("#")
    return (file, label) if file.endswith(ENDING) else ("", text)


def beside(path: str, name: str) -> str:
    """A file named in another one, from where that is."""
    if name.startswith("~"):
        return name
    return os.path.normpath(Path(path).parent / name)


def _out_of_place(name: str, span: Span) -> Problem:
    known = ("include", *BLOCKS)
    otherwise = 'at the top stand include = […], variable "NAME" { … } and cluster "NAME" { … }: the rest is in cluster'
    return problem_at(span, f"{name!r} is not known here", did_you_mean(name, known, otherwise=otherwise))


def _unreadable(error: OSError | ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "cannot be read: it is not text in UTF-8"
    return f"cannot be read: {getattr(error, 'strerror', None) or error}"
