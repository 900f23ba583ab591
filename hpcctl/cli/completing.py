"""What the shell offers after <tab>: names from the files of this machine. No cloud is asked, nothing heavy imported.

Words are completed by what the help calls them (``TYPE``, ``REGION``, ``FILE`` …), so a verb says nothing more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class

from hpcctl.cli.words import COMMAND_FOLLOWS
from hpcctl.errors import HpcctlError
from hpcctl.home import home_folder

Source = Callable[[click.Context, str], Iterable[CompletionItem[str]]]

REGIONS = tuple(
    name
    for line in (
        "us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 ca-west-1 mx-central-1 sa-east-1 af-south-1",
        "eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3",
        "ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2",
        "ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-7",
        "il-central-1 me-central-1 me-south-1 us-gov-east-1 us-gov-west-1",
    )
    for name in line.split()
)
"""To choose from; any other region is taken as well."""


def equip(command: click.Command) -> click.Command:
    """The same command, with completion for the words that it takes as plain text."""
    for parameter in command.params:
        if parameter.type is click.STRING:
            source = _SOURCES.get(_called(parameter))
            if source:
                parameter.type = _Completed(source)
    return command


def clusters(home: Path) -> tuple[tuple[str, str], ...]:
    """(name, what it is) of all clusters known on this machine, and of their classes."""
    found = {path.parent.name: _record(path) for path in sorted(home.glob("clusters/*/cluster.json"))}
    classes: dict[str, int] = {}
    for record in found.values():
        name = record.get("spec", {}).get("class_name")
        if name:
            classes[name] = classes.get(name, 0) + 1
    return (
        *((name, record.get("phase", "damaged")) for name, record in found.items() if name[0] != "."),
        *((name, f"a class of {size}") for name, size in classes.items() if name not in found),
    )


def offer(names: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem[str]]:
    """Those that begin as what was typed, each with a word on what it is."""
    return [CompletionItem(name, help=what or None) for name, what in names if name.startswith(incomplete)]


@add_completion_class
class _Bash(BashComplete):
    """bash takes the ``=`` of ``--region=eu`` for a word of its own."""

    name = "bash"

    def get_completion_args(self) -> tuple[list[str], str]:
        words, incomplete = super().get_completion_args()
        return [word for word in words if word != "="], "" if incomplete == "=" else incomplete


class _Completed(click.ParamType):  # type: ignore[type-arg]
    """Any text, and suggestions."""

    name = "text"

    def __init__(self, source: Source) -> None:
        self._source = source

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        return list(self._source(ctx, incomplete))


def _called(parameter: click.Parameter) -> str:
    """What the help calls this word; ``--profile`` and ``--region`` go by their own names."""
    if isinstance(parameter, click.Option) and parameter.name in ("profile", "region"):
        return str(parameter.name).upper()
    return (parameter.metavar or str(parameter.name).upper()).strip("[].")


def _record(path: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        record = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(record, dict):
            return record
    return {}


def _nodes(ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
    """Those of the cluster that was named before."""
    name = ctx.params.get("name")
    if not name or COMMAND_FOLLOWS in ctx.meta:
        return []
    hosts = (
        _record(home_folder(os.environ) / "clusters" / name / "cluster.json").get("inventory") or {}
    ).get("hosts", ())
    given = ctx.params.get("nodes") or ()
    return offer(
        ((host["name"], host.get("private_ip", "")) for host in hosts if host["name"] not in given),
        incomplete,
    )


def _profiles(ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
    from hpcctl.awsconfig import AwsConfig
    from hpcctl.clouds import AWS
    from hpcctl.config import load_profiles
    from hpcctl.spec.model import SANDBOX

    names = {AWS: "AWS, as its command line does", SANDBOX: "on this machine"}
    home = home_folder(os.environ)
    with suppress(HpcctlError):
        if (home / "config.hcl").exists():
            names |= {profile.name: "config.hcl" for profile in load_profiles(home)}
    with suppress(HpcctlError):
        names = {**dict.fromkeys(AwsConfig.read(os.environ).profiles, "of the AWS CLI"), **names}
    return offer(sorted(names.items()), incomplete)


def _regions(ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
    return offer(((name, "") for name in REGIONS), incomplete)


def _types(ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
    """Those that AWS has named before, in any region."""
    from hpcctl.aws.catalog import cached_type_names

    return offer(((name, "") for name in cached_type_names(home_folder(os.environ))), incomplete)


def _files(ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
    return [CompletionItem(incomplete, type="file")]


_SOURCES: dict[str, Source] = {
    "NODE": _nodes,
    "PROFILE": _profiles,
    "REGION": _regions,
    "TYPE": _types,
    "FILTER": _types,
    "FILE": _files,
}
