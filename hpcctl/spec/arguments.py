"""The words of the command line as one more layer over a cluster file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hpcctl.errors import Problem
from hpcctl.home import nameable
from hpcctl.spec.building import Built, built
from hpcctl.spec.building.files import Read
from hpcctl.spec.document.merging import merged
from hpcctl.spec.document.model import Located, Section
from hpcctl.spec.model import DEFAULT_GROUP, ClusterSpec
from hpcctl.spec.schema.groups import MAX_NODES

_OPTIONS = {
    "--min-nodes": "min_nodes",
    "--boot-deadline": "boot_seconds",
    "--user": "user",
    "--region": "region",
    "--zone": "zone",
    "--image": "image",
    "--ssh-from": "ssh_from",
}


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What was typed, untouched; None is what was not typed.

    ``public_key`` is the text of ``key_file`` where somebody has read it already.
    """

    name: str
    nodes: str | None = None
    instance_type: str | None = None
    share_gib: str | None = None
    user: str | None = None
    region: str | None = None
    zone: str | None = None
    image: str | None = None
    key_file: str | None = None
    public_key: str | None = None
    authorize: str | None = None
    ssh_from: str | None = None
    tags: tuple[str, ...] = ()
    min_nodes: str | None = None
    boot_deadline: str | None = None


def spec_from(arguments: Arguments) -> ClusterSpec:
    """The spec of words alone, or a SpecError that lists every mistake. Reads no files."""
    return built_from(arguments, read=lambda path: arguments.public_key or "").spec


def built_from(
    arguments: Arguments, *, read: Read, below: Section | None = None, besides: tuple[Problem, ...] = ()
) -> Built:
    """What is built of the words, laid over what is ``below`` them: a file, the defaults of a profile.

    SpecError with every mistake of all of them; those ``besides`` were found while the file was read.
    """
    problems = (*besides, *_nodes_problems(arguments, below), *_tag_problems(arguments.tags))
    section = _section(arguments, below)
    if below:
        section = _in_place_of(below, merged(below, section))
    return built(section, arguments.name, read=read, besides=problems, whole=not besides)


def _in_place_of(below: Section, section: Section) -> Section:
    """What is missing in a section is told at the file, not at the command line."""
    return replace(section, label=below.label, span=below.span, label_span=below.label_span)


def _section(arguments: Arguments, below: Section | None) -> Section:
    """The words as a section of their own."""
    given = {
        "--min-nodes": arguments.min_nodes,
        "--boot-deadline": arguments.boot_deadline,
        "--user": arguments.user,
        "--region": arguments.region,
        "--zone": arguments.zone,
        "--image": arguments.image,
        "--ssh-from": arguments.ssh_from,
    }
    values = [(_OPTIONS[option], _typed(text, option)) for option, text in given.items() if text is not None]
    key = arguments.key_file or ("" if arguments.public_key is None else "key.pub")
    if arguments.key_file is not None or arguments.public_key is not None:
        place = f"--key {arguments.key_file}" if arguments.key_file and nameable(key) else "--key"
        values.append(("key", _typed(key, place)))
    if arguments.authorize is not None:
        values.append(("authorize", _typed(arguments.authorize, "--authorize")))
    if arguments.tags:
        tags = {
            tag.partition("=")[0]: _typed(tag.partition("=")[2], f"--tag {tag}") for tag in arguments.tags
        }
        values.append(("tags", Located(value=tuple(tags.items()), span="--tag")))
    return _block("cluster", "", *_machines(arguments, below), *_storage(arguments), values=tuple(values))


def _machines(arguments: Arguments, below: Section | None) -> Iterator[Section]:
    """NODES and TYPE."""
    kind: tuple[tuple[str, Located], ...] = ()
    if arguments.instance_type is not None:
        kind = (("type", _typed(arguments.instance_type, "TYPE")),)
        yield _block("head", "", values=kind)
    groups = [one.label for one in below.of("compute")] if below else []
    count = _count(arguments, groups)
    if count:
        groups = groups or [DEFAULT_GROUP]
        yield _block("compute", groups[0], values=(*kind, ("count", count)))
        groups = groups[1:]
    if kind:
        yield from (_block("compute", label, values=kind) for label in groups)


def _count(arguments: Arguments, groups: list[str]) -> Located | None:
    """NODES without the head, for the only group; what is no number stays as it is, and is told elsewhere."""
    if arguments.nodes is None or len(groups) > 1 or _number(arguments.nodes) == 1:
        return None
    number = _number(arguments.nodes)
    return Located(value=arguments.nodes if number is None else number - 1, span="NODES", loose=True)


def _storage(arguments: Arguments) -> Iterator[Section]:
    if arguments.share_gib is not None:
        share = _block("share", "", values=(("size", _typed(arguments.share_gib, "SHARE_GB")),))
        yield _block("storage", "", share)


def _typed(text: str, word: str) -> Located:
    return Located(value=text, span=word, loose=True)


def _block(kind: str, label: str, *inner: Section, values: tuple[tuple[str, Located], ...] = ()) -> Section:
    return Section(kind=kind, label=label, values=values, sections=inner, span="the command line")


def _number(text: str) -> int | None:
    """How many nodes that is; None where it makes no sense."""
    number = int(text) if re.fullmatch(r"\+?0*[0-9]{1,30}", text) else 0
    return number if 1 <= number <= MAX_NODES else None


def _nodes_problems(arguments: Arguments, below: Section | None) -> Iterator[Problem]:
    """NODES counts the head as well, which no field of a file does."""
    text, groups = arguments.nodes, list(below.of("compute")) if below else []
    if text is None:
        return
    hint = f"expected a whole number from 1 to {MAX_NODES}: nodes, the head included"
    if _number(text) is None:
        number = re.fullmatch(r"[+-]?[0-9]{1,30}", text)
        what = f"{text} is out of range" if number else f"{text!r} is not a whole number"
        yield Problem(where="NODES", what=what, hint=hint)
    elif len(groups) > 1:
        labels = ", ".join(group.label for group in groups)
        what = f"there are {len(groups)} compute groups ({labels}), and NODES does not say which of them is meant"
        yield Problem(where="NODES", what=what, hint="leave NODES out, and set their counts in the file")
    elif groups and _number(text) == 1:
        what = f'one node is the head alone, and there is compute "{groups[0].label}"'
        yield Problem(where="NODES", what=what, hint="at least 2, or take the block out of the file")


def _tag_problems(tags: tuple[str, ...]) -> Iterator[Problem]:
    """What is wrong with the form; keys and values are checked as those of a file are."""
    seen: set[str] = set()
    for tag in tags:
        key, equals, _ = tag.partition("=")
        where = f"--tag {tag}"
        if not equals or not key:
            what, hint = "not of the form KEY=VALUE", "for example --tag project=wing"
            yield Problem(where=where, what=what, hint=hint)
        elif key in seen:
            yield Problem(where=where, what=f"the key {key!r} is given twice", hint="give each key once")
        seen.add(key)
