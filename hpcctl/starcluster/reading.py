"""The INI files as StarCluster reads them, with secrets left where they are."""

from __future__ import annotations

import configparser
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from hpcctl.errors import ConfigError
from hpcctl.nearest import did_you_mean

Read = Callable[[str], str]
"""The text of a file, by the path as it is written; OSError where there is none."""

_KINDS = {"vol": "volume"}
_SECRET = re.compile(
    r"secret|pass|pwd|token|(?:api|access|private)_?key|aws_user_id|proxy_user|_cert$|credential"
)
_SECRET_VALUE = re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|//[^/@\s]*@")


@dataclass(frozen=True, kw_only=True)
class Section:
    """``[kind name]`` with its settings in lower case; secrets have been replaced by words."""

    kind: str
    name: str
    settings: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class StarClusterConfig:
    """All sections in their order; ``unread`` are included files that only a network could have brought."""

    sections: tuple[Section, ...]
    unread: tuple[str, ...] = ()

    def of(self, kind: str) -> dict[str, Section]:
        """The sections of a kind by their names."""
        return {section.name: section for section in self.sections if section.kind == kind}

    def one(self, kind: str) -> Mapping[str, str]:
        """The settings of a section that has no name: ``global``, ``aws info``."""
        found = self.of(kind).get("")
        return found.settings if found else {}

    @property
    def default(self) -> str | None:
        """DEFAULT_TEMPLATE, if that is one."""
        name = self.one("global").get("default_template")
        return name if name in self.of("cluster") else None


LEFT_OUT = "(a secret, left out)"


def read_config(path: str, read: Read) -> StarClusterConfig:
    """The file and those that it includes. ConfigError names the file, and the line where there is one."""
    main = _parsed(path, _text(path, read))
    included = _listed(main.get("global", "include", fallback=""))
    unread = tuple(re.sub(r"//[^/@]*@", "//", each) for each in included if "://" in each)
    parsers = [
        main,
        *(_parsed(each, _text(each, read, named_by=path)) for each in included if "://" not in each),
    ]
    return StarClusterConfig(sections=tuple(_sections(parsers)), unread=unread)


def flattened(config: StarClusterConfig, name: str) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """A template with all that it extends put in, and the chain, itself first. ConfigError for a loop or a hole."""
    clusters = config.of("cluster")
    chain: list[str] = []
    current: str | None = name
    while current:
        if current not in clusters:
            hint = did_you_mean(
                current, clusters, otherwise=f"the templates are: {', '.join(clusters) or 'none'}"
            )
            where = f"[cluster {chain[-1]}] extends {current!r}, and " if chain else ""
            raise ConfigError(f"{where}there is no [cluster {current}]", hint=hint)
        if current in chain:
            drawn = " -> ".join([*chain[chain.index(current) :], current])
            raise ConfigError(f"these templates extend each other: {drawn}", hint="take one EXTENDS out")
        chain.append(current)
        current = clusters[current].settings.get("extends")
    settings: dict[str, str] = {}
    for each in reversed(chain):
        settings.update(clusters[each].settings)
    settings.pop("extends", None)
    return settings, tuple(chain)


def listed(text: str) -> tuple[str, ...]:
    """A setting that is a list."""
    return _listed(text)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word for word in (each.strip() for each in text.replace("\n", ",").split(",")) if word)


def _text(path: str, read: Read, *, named_by: str = "") -> str:
    try:
        return read(path).removeprefix("\ufeff")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        if named_by:
            raise ConfigError(
                f"{path} cannot be read: {reason}; INCLUDE of {named_by} names it",
                hint=f"what holds nothing but AWS keys is not needed: take it out of INCLUDE in {named_by}",
            ) from error
        raise ConfigError(
            f"{path} cannot be read: {reason}",
            hint="StarCluster keeps its configuration in ~/.starcluster/config; if yours is elsewhere, name it",
        ) from error


def _parsed(path: str, text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(
        strict=False, inline_comment_prefixes=("#", ";"), default_section="\0", empty_lines_in_values=False
    )
    try:
        parser.read_string(text, source=path)
    except configparser.MissingSectionHeaderError as error:
        raise ConfigError(
            f"{path}:{error.lineno}: a setting stands before the first [section]",
            hint="is this StarCluster's file?",
        ) from error
    except configparser.ParsingError as error:
        line, _ = error.errors[0]  # the words are not told: they may be a key without its equals sign
        raise ConfigError(
            f"{path}:{line}: not of the form SETTING = VALUE", hint="a comment begins with #"
        ) from error
    return parser


def _sections(parsers: list[configparser.RawConfigParser]) -> Iterator[Section]:
    """As if all files were one: a section that comes again adds to the first."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for parser in parsers:
        for title in parser.sections():
            words = title.split()
            whole = title.strip().lower() in {"global", "aws info"}
            kind = " ".join(words).lower() if whole else words[0].lower()
            key = (_KINDS.get(kind, kind), "" if whole else " ".join(words[1:]))
            values = {name: _harmless(name, value) for name, value in parser.items(title) if name}
            found.setdefault(key, {}).update(values)
    for (kind, name), settings in found.items():
        yield Section(kind=kind, name=name, settings=settings)


def _harmless(name: str, value: str | None) -> str:
    value = (value or "").strip()
    return LEFT_OUT if value and (_SECRET.search(name) or _SECRET_VALUE.search(value)) else value
