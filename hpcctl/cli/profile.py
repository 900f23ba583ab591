"""``hpcctl profile``: the places where clusters are made."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session
from hpcctl.errors import ExitCode

if TYPE_CHECKING:
    from hpcctl.aws.caller import Identity
    from hpcctl.config import Profile
    from hpcctl.profiles import Choice
    from hpcctl.spec.model import Cloud

EPILOG = """\b
Examples:
  hpcctl profile list
  hpcctl profile show lab --online
  hpcctl profile use lab
"""


@click.group("profile", epilog=EPILOG)
def command() -> None:
    """Where clusters are made: the places of config.hcl, of the AWS CLI, aws and sandbox."""


@command.command(
    "list",
    epilog="""\b
Examples:
  hpcctl profile list
  hpcctl profile list --json | jq -r '.[] | select(.chosen) | .name'
""",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def list_profiles(session: Session, as_json: bool) -> int:
    """All profiles; the one that is used where none is named is marked."""
    from hpcctl.profiles import choices

    found = choices(session.home, os.environ, chosen=session.profile)
    if as_json:
        console.result_json([_choice_json(choice) for choice in found])
        return ExitCode.DONE
    headers = ("", "NAME", "REGION", "FROM", "AWS PROFILE", "STATE")
    console.table(headers, [_row(choice) for choice in found])
    return ExitCode.DONE


@command.command(
    "show",
    epilog="""\b
Examples:
  hpcctl profile show                  the one that is used where none is named
  hpcctl profile show lab --online     and who one is there
""",
)
@click.argument("name", required=False, metavar="[PROFILE]")
@click.option("--online", is_flag=True, help="Ask AWS who you are there.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def show_profile(session: Session, name: str | None, online: bool, as_json: bool) -> int:
    """One profile with all that it stands for."""
    from hpcctl.aws.caller import identity
    from hpcctl.clouds import profile_name
    from hpcctl.config import load_profiles
    from hpcctl.profiles import choices

    wanted = profile_name(name or session.profile, os.environ, home=session.home)
    cloud = session.cloud(profile=wanted, region=None, progress=None)
    source = next(one.source for one in choices(session.home, os.environ) if one.name == wanted)
    written = next((one for one in load_profiles(session.home) if one.name == wanted), None)
    who = identity(cloud) if online else None
    if as_json:
        told = {"from": source, "defaults": _defaults(written)}
        console.result_json({**_cloud_json(cloud, who), **told})
    else:
        names = {"profile": wanted, "from": source}
        console.details({**names, **_details(cloud, who), "defaults": ", ".join(_defaults(written))})
    return ExitCode.DONE


@command.command(
    "use",
    epilog="""\b
Examples:
  hpcctl profile use lab
  hpcctl profile use aws
""",
)
@click.argument("name", metavar="PROFILE")
@click.pass_obj
def use_profile(session: Session, name: str) -> int:
    """Use a profile where none is named: `default_profile` of config.hcl; the rest of that file stays as it is."""
    from hpcctl.profiles import use

    path = use(name, home=session.home, environ=os.environ)
    console.say(f"the default profile is {name} ({path})")
    other = os.environ.get("HPCCTL_PROFILE")
    if other and other != name:
        console.warn(f"HPCCTL_PROFILE={other} is set and goes before it")
    return ExitCode.DONE


def _row(choice: Choice) -> tuple[str, ...]:
    return (
        "*" if choice.chosen else "",
        choice.name,
        choice.region or "-",
        choice.source,
        choice.aws_profile or "-",
        choice.state,
    )


def _choice_json(choice: Choice) -> dict[str, Any]:
    """One line of the list for programs; ``from`` says where it is written."""
    values = asdict(choice)
    return {"name": values.pop("name"), "from": values.pop("source"), **values}


def _cloud_json(cloud: Cloud, who: Identity | None) -> dict[str, Any]:
    values = asdict(cloud)
    return {
        "name": values.pop("profile"),
        **values,
        "account": who.account if who else None,
        "arn": who.arn if who else None,
    }


def _details(cloud: Cloud, who: Identity | None) -> dict[str, str]:
    return {
        "region": cloud.region,
        "AWS profile": cloud.aws_profile or "",
        "role": cloud.role_arn or "",
        "endpoint": _endpoint(cloud.endpoint_url),
        "ssh from": ", ".join(cloud.ssh_from) or "your own address",
        "ssh port": str(cloud.ssh_port),
        "boot deadline": f"{cloud.boot_seconds} s",
        "owner": cloud.owner,
        "state": cloud.state,
        "account": who.account if who else "",
        "you are": who.arn if who else "",
    }


def _defaults(written: Profile | None) -> list[str]:
    """The names of what the profile says of every cluster."""
    if written is None or written.defaults is None:
        return []
    blocks = [f"{inner.kind} {inner.label}".rstrip() for inner in written.defaults.sections]
    return [name for name, _ in written.defaults.values] + blocks


def _endpoint(url: str | None) -> str:
    """A URL without its path, which may be what keeps others out."""
    from urllib.parse import urlsplit

    parts = urlsplit(url or "")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if url else ""
