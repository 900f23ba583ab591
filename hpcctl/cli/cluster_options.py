"""What says how a cluster is to be: words, options, a cluster file; and problems told where they come from."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session
from hpcctl.errors import SpecError, UsageError

if TYPE_CHECKING:
    from hpcctl.lifecycle.asking import Asked
    from hpcctl.spec.building import Built
    from hpcctl.spec.places import Places

F = TypeVar("F", bound=Callable[..., Any])

_OF_FILES = (
    click.option("--template", metavar="LABEL", help="Which template of the file [default: its only one]."),
    click.option(
        "--set",
        "settings",
        metavar="K=V",
        multiple=True,
        help="Value of a variable of the file; may be repeated.",
    ),
)
_OF_CLUSTERS = (
    click.option("--file", metavar="FILE", help="A cluster file [default: cluster.hcl of this folder]."),
    *_OF_FILES,
    click.option("--region", metavar="REGION", help="AWS region [default: that of the profile]."),
    click.option(
        "--zone",
        metavar="ZONE",
        help="Availability zone [default: the first that has the type, and capacity].",
    ),
    click.option(
        "--image",
        metavar="AMI",
        help="Machine image, or debian-12, debian-13, ubuntu-22.04, ubuntu-24.04 [default: the newest Debian 12].",
    ),
    click.option(
        "--key", metavar="FILE", help="Public key that may log in as well, such as ~/.ssh/id_ed25519.pub."
    ),
    click.option(
        "--authorize", metavar="FILE", help="Who else may log in: a file with lines USER KEYTYPE KEY."
    ),
    click.option("--user", metavar="USER", help="Name of the login user [default: hpc]."),
    click.option("--ssh-from", metavar="CIDR", help="Who may log in [default: your own address only]."),
    click.option("--tag", "tags", metavar="K=V", multiple=True, help="Tag on everything; may be repeated."),
    click.option(
        "--min-nodes",
        metavar="K",
        help="Go on with K nodes (the head included) if others cannot be had, even by a second machine [default: all].",
    ),
    click.option(
        "--boot-deadline",
        metavar="SECONDS",
        help="A machine that has not answered by then is replaced [default: that of the profile, 900 on AWS].",
    ),
)


def file_options(command: F) -> F:
    """``--template`` and ``--set``."""
    return _with(_OF_FILES, command)


def cluster_options(command: F) -> F:
    """Everything that says how a cluster is to be, beside NAME, NODES, TYPE and SHARE_GB."""
    return _with(_OF_CLUSTERS, command)


def _with(options: tuple[Callable[[F], F], ...], command: F) -> F:
    for option in reversed(options):
        command = option(command)
    return command


def built_by(session: Session, given: Mapping[str, Any]) -> Built:
    """What the words of ``create`` ask for; its notes are told. SpecError, UsageError."""
    from hpcctl.lifecycle.asking import understood

    built = understood(_asked(session, given), environ=os.environ)
    for note in built.notes:
        console.warn(note)
    return built


@contextmanager
def told_at(places: Places) -> Iterator[None]:
    """Around all that may find fault with a spec: problems are told where they come from."""
    from hpcctl.spec.places import in_order, told

    try:
        yield
    except SpecError as error:
        raise SpecError(in_order(told(error.problems, places))) from error


def settings_of(given: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The values of ``--set``. UsageError where one has no name, or two have the same."""
    found: dict[str, str] = {}
    for word in given["settings"]:
        name, equals, value = word.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name):
            raise UsageError(
                f"--set {word} is not of the form NAME=VALUE", hint="for example --set project=wing"
            )
        if name in found:
            raise UsageError(f"--set gives {name} twice", hint="give each variable one value")
        found[name] = value
    return tuple(found.items())


def _asked(session: Session, given: Mapping[str, Any]) -> Asked:
    from hpcctl.lifecycle.asking import Asked
    from hpcctl.spec.arguments import Arguments

    file = _file(given)
    settings = settings_of(given)
    if file is None and (settings or given["template"]):
        option = "--set" if settings else "--template"
        raise UsageError(f"{option} is for a cluster file, and there is none", hint="add --file FILE")
    return Asked(
        file=file,
        template=given["template"],
        settings=settings,
        defaults=session.defaults(profile=given["profile"]),
        arguments=Arguments(
            name=given["name"],
            nodes=given["nodes"],
            instance_type=given["type_"],
            share_gib=given["share_gb"],
            user=given["user"],
            region=given["region"],
            zone=given["zone"],
            image=given["image"],
            key_file=given["key"],
            authorize=given["authorize"],
            ssh_from=given["ssh_from"],
            tags=given["tags"],
            min_nodes=given["min_nodes"],
            boot_deadline=given["boot_deadline"],
        ),
    )


def _file(given: Mapping[str, Any]) -> Path | None:
    """The file that was named, or the one of this folder where nothing else says what to make."""
    from hpcctl.lifecycle.asking import CLUSTER_FILE

    if given["file"] is not None:
        return Path(given["file"])
    words = {"NODES": given["nodes"], "TYPE": given["type_"], "SHARE_GB": given["share_gb"]}
    missing = [word for word, value in words.items() if value is None]
    if not missing:
        return None
    here = Path(CLUSTER_FILE)
    if len(missing) == len(words) and here.is_file():
        console.say(f"using ./{here}")
        return here
    also = f", or --file {here} to use the file of this folder" if here.is_file() else ", or --file FILE"
    raise UsageError(f"missing: {', '.join(missing)}", hint=f"such as: {given['name']} 4 c5.xlarge 50{also}")
