"""The text of a cluster file, with comments where something could not be said."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from hpcctl.starcluster import known
from hpcctl.starcluster.items import Attribute, Block, Comment
from hpcctl.starcluster.reading import StarClusterConfig, listed
from hpcctl.starcluster.translating import Find, label, translated
from hpcctl.templating import render_template

_DEFAULT = "default"
_WIDTH = 100


def cluster_file(config: StarClusterConfig, *, source: str, template: str | None, find: Find) -> str:
    """All templates, or one of them with what it extends. Raises ConfigError where that one is not there."""
    names = (template,) if template else tuple(config.of("cluster"))
    blocks = translated(config, names, find)
    return render_template(
        "starcluster/cluster.hcl.j2",
        source=source,
        notes=tuple(_notes(config, names if template is None else None)),
        blocks=(*blocks, *_default(config, blocks, template)),
        is_comment=lambda item: isinstance(item, Comment),
        is_block=lambda item: isinstance(item, Block),
        lines=_lines,
    )


def comments_in(text: str) -> int:
    """How many lines are for a person to read: they stand alone, and inside a block."""
    return sum(line.lstrip().startswith("#") and line != line.lstrip() for line in text.splitlines())


def _lines(text: str, indent: int) -> list[str]:
    """A comment broken into lines; it cannot end by itself."""
    return textwrap.wrap(" ".join(text.split()), width=_WIDTH - indent) or [""]


def _default(config: StarClusterConfig, blocks: tuple[Block, ...], template: str | None) -> tuple[Block, ...]:
    """DEFAULT_TEMPLATE is what `create` takes where nobody names one."""
    labels = [block.label for block in blocks]
    if template or not config.default or len(blocks) < 2 or _DEFAULT in labels:
        return ()
    extends = Attribute(name="extends", value=label(config.default))
    return (Block(kind="cluster", label=_DEFAULT, items=(extends,), comment="DEFAULT_TEMPLATE"),)


def _notes(config: StarClusterConfig, everything: tuple[str, ...] | None) -> Iterator[str]:
    """What belongs to no template."""
    aws = config.one("aws info")
    if any(name in aws for name in known.CREDENTIALS):
        yield (
            "Your AWS keys are not copied: hpcctl takes what the AWS command line takes"
            " (`aws configure`, `aws sso login`, environment variables, a profile)."
        )
    others = {**config.one("global"), **aws}
    for name, value in others.items():
        if name in known.SETTINGS:
            yield f"{name.upper()} = {value}: {known.SETTINGS[name]}"
        elif name not in {*known.CREDENTIALS, "aws_region_name", "include", "default_template"}:
            yield f"{name.upper()} = {value}: StarCluster has no such setting"
    default = config.one("global").get("default_template")
    if default and config.default is None:
        yield f"DEFAULT_TEMPLATE = {default}: there is no [cluster {default}]"
    yield from (f"INCLUDE {each}: not read; fetch it, and name the copy instead" for each in config.unread)
    yield from _unknown(config)
    if everything is not None:
        yield from _unused(config)


def _unknown(config: StarClusterConfig) -> Iterator[str]:
    spoken_of = {"global", "aws info", "key", "cluster", "volume", "permission", "plugin"}
    for section in config.sections:
        if section.kind not in spoken_of:
            given = "; ".join(f"{name.upper()} = {value}" for name, value in section.settings.items())
            yield f"[{section.kind} {section.name}]: StarCluster has no such section ({given})"


def _unused(config: StarClusterConfig) -> Iterator[str]:
    """Sections that no template names."""
    for kind, setting in (
        ("key", "keyname"),
        ("volume", "volumes"),
        ("permission", "permissions"),
        ("plugin", "plugins"),
    ):
        named = {
            name
            for cluster in config.of("cluster").values()
            for name in listed(cluster.settings.get(setting, ""))
        }
        for name, section in config.of(kind).items():
            if name not in named:
                given = "; ".join(f"{key.upper()} = {value}" for key, value in section.settings.items())
                yield f"[{kind} {name}] is used by no template ({given})"
