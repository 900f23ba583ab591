"""Which template extends which: a chain of layers, the strongest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from hpcctl.nearest import did_you_mean
from hpcctl.spec.document.evaluating import Evaluator
from hpcctl.spec.document.files import Library, beside, label_of, plain, target_of
from hpcctl.spec.document.merging import merged
from hpcctl.spec.document.model import Located, Section, problem_at
from hpcctl.spec.document.variables import Scope

DEFAULT = "default"
"""The template of this name is taken where several could be."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """One template, by the file that it was looked up in."""

    path: str
    label: str


def labels_in(library: Library, path: str) -> tuple[str, ...]:
    """The templates that can be chosen from a file: its own, and only without one those that it includes."""
    own = library.files[path].clusters if path in library.files else ()
    found = own or [block for file in library.visible(path) for block in file.clusters]
    return tuple(dict.fromkeys(label_of(block) for block in found))


def candidates(library: Library, path: str) -> tuple[str, ...]:
    """Of the templates of a file those that may be meant: the only one, the only one that no other extends, default."""
    labels, found = labels_in(library, path), tops(library, path)
    if len(labels) > 1 and len(found) != 1 and DEFAULT in labels:
        return (DEFAULT,)
    return labels if len(labels) == 1 else found or labels


def tops(library: Library, path: str) -> tuple[str, ...]:
    """The templates of a file that no other extends."""
    extended = set(_extended(library, path))
    return tuple(label for label in labels_in(library, path) if label not in extended)


def _extended(library: Library, path: str) -> Iterator[str]:
    for file in library.visible(path):
        for block in file.clusters:
            for attribute in block.body.attributes:
                if attribute.name == "extends":
                    wanted, label = target_of(plain(attribute) or "")
                    if not wanted and label != label_of(block):
                        yield label


class Chain:
    """A template with all that it extends, evaluated; ``problems`` grows with what is wrong on the way."""

    def __init__(self, library: Library, scope: Scope) -> None:
        self.library = library
        self.evaluator = Evaluator(scope)
        self.problems = self.evaluator.problems

    def section(self, path: str, label: str) -> Section | None:
        """The whole, without the word ``extends``; ``None`` if there is no such template."""
        layers = list(self._layers(Link(path=path, label=label)))
        if not layers:
            return None
        return reduce(merged, reversed(layers))

    def _layers(self, link: Link) -> Iterator[Section]:
        route: list[Link] = []
        following: Link | None = link
        while following:
            route.append(following)
            section = self._template(following)
            if section is None:
                return
            extends = section.value("extends")
            yield replace(section, values=tuple(pair for pair in section.values if pair[0] != "extends"))
            following = self._next(following, extends, route) if extends else None

    def _template(self, link: Link) -> Section | None:
        """All templates of one label that a file sees, the included ones below."""
        found = [
            self.evaluator.section(block)
            for file in self.library.visible(link.path)
            for block in file.clusters
            if label_of(block) == link.label
        ]
        return reduce(merged, found) if found else None

    def _next(self, link: Link, extends: Located, route: Sequence[Link]) -> Link | None:
        if not isinstance(extends.value, str) or extends.loose or isinstance(extends.span, str):
            self._tell(extends, "extends takes the name of a template", 'such as extends = "base"')
            return None
        file, label = target_of(extends.value)
        path = beside(extends.span.path, file) if file else link.path
        if file and path not in self.library.files:  # told where it could not be read
            return None
        found = self._named(path, label, extends) if label else self._only(path, extends)
        if found and found in route:
            drawn = _drawn((*route[route.index(found) :], found))
            self._tell(extends, f"these templates extend each other: {drawn}", "remove one of the extends")
            return None
        return found

    def _named(self, path: str, label: str, extends: Located) -> Link | None:
        known = {label_of(block) for file in self.library.visible(path) for block in file.clusters}
        if label in known:
            return Link(path=path, label=label)
        if not self.library.broken:
            names = sorted(known - {""})
            otherwise = (
                f"there are: {', '.join(names)}" if names else 'a file is named with its ending: "FILE.hcl"'
            )
            self._tell(
                extends, f"no template is called {label!r}", did_you_mean(label, names, otherwise=otherwise)
            )
        return None

    def _only(self, path: str, extends: Located) -> Link | None:
        found = candidates(self.library, path)
        if len(found) == 1:
            return Link(path=path, label=found[0])
        if found:
            what = f"{path} has several templates: {', '.join(found)}"
            self._tell(extends, what, f'say which: "{extends.value}#{found[0]}"')
        elif not self.library.broken:
            self._tell(extends, f"{path} has no template", 'it needs a block: cluster "NAME" { … }')
        return None

    def _tell(self, extends: Located, what: str, hint: str) -> None:
        self.problems.append(problem_at(extends.span, what, hint))


def _drawn(route: Sequence[Link]) -> str:
    """a -> b -> a; with their files, if there are several."""
    if len({link.path for link in route}) == 1:
        return " -> ".join(link.label or "the one without a name" for link in route)
    return " -> ".join(f"{link.path}#{link.label}".rstrip("#") for link in route)
