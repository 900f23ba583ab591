"""``hpcctl init``"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session, profile_option
from hpcctl.errors import ExitCode, HpcctlError, Interrupted, SandboxError, UnreachableError, UsageError
from hpcctl.home import nameable
from hpcctl.outline import Outline, text_of
from hpcctl.spec.model import SANDBOX

EPILOG = """\b
Examples:
  hpcctl init
  hpcctl init --defaults wing.hcl
  hpcctl init && hpcctl create demo --dry-run
"""


@click.command("init", epilog=EPILOG)
@click.argument("file", metavar="[FILE]", default="cluster.hcl")
@profile_option
@click.option("--defaults", is_flag=True, help="Ask nothing.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_obj
def command(session: Session, file: str, profile: str | None, defaults: bool, force: bool) -> int:
    """Ask a few questions, and write a commented cluster file: FILE, by default cluster.hcl.

    Nothing is asked of a cloud, and nothing is made. What is just confirmed is the default.
    """
    if not defaults and not sys.stdin.isatty():
        raise UsageError(
            "there is no terminal to ask on", hint="hpcctl init --defaults writes a file to begin with"
        )
    path = Path(file).expanduser()
    if not nameable(file):
        raise UsageError(
            f"no file can be called {file!r}", hint="a path without line breaks, such as cluster.hcl"
        )
    if path.exists() and not force and not _may_replace(path, defaults=defaults):
        console.say("nothing was written")
        return ExitCode.FAILED
    make = _unasked if defaults else _answered
    try:
        outline = make(session, profile or session.profile)
    except click.Abort:
        raise Interrupted("stopped at a question; nothing was written") from None
    _write(path, text_of(outline, file=file))
    console.say(f"written: {file}")
    console.say(f"next: hpcctl validate {file}; hpcctl create NAME --file {file} --dry-run")
    return ExitCode.DONE


def _may_replace(path: Path, *, defaults: bool) -> bool:
    if defaults:
        raise UsageError(f"{path} is there already", hint="--force writes over it; or choose another name")
    return console.confirm(f"{path} is there already. Write over it?", yes=False)


def _write(path: Path, text: str) -> None:
    from hpcctl.files import write_atomically

    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}", hint=f"mkdir -p {path.parent}")
    write_atomically(path, text, mode=0o644)


def _answered(session: Session, profile: str | None) -> Outline:
    """Every question in its turn."""
    from hpcctl.cli.questions import Interview
    from hpcctl.clouds import profile_name

    interview = Interview()
    if profile is None:
        usual = profile_name(None, os.environ, home=session.home)
        profile = interview.choose("Profile: aws, sandbox, or one of yours", usual, partial(_known, session))
    region = _region(session, profile)
    interview.outline = replace(interview.outline, profile=_shown(profile), region=region or Outline.region)
    if region is None and profile != SANDBOX:
        interview.ask("Region", Outline.region, lambda outline, text: replace(outline, region=text))
    return interview.machines().storage().others().outline


def _unasked(session: Session, profile: str | None) -> Outline:
    region = _region(session, _known(session, profile) if profile else profile)
    return Outline(profile=_shown(profile), region=region or Outline.region)


def _known(session: Session, profile: str) -> str:
    """The profile, if there is one of that name. ConfigError names the nearest."""
    with suppress(UnreachableError, SandboxError):  # the sandbox is down
        session.cloud(profile=profile, region="us-east-1", progress=None)
    return profile


def _region(session: Session, profile: str | None) -> str | None:
    """That of the profile; None where it has none."""
    try:
        return session.cloud(profile=profile, region=None, progress=None).region
    except HpcctlError:
        return None


def _shown(profile: str | None) -> str | None:
    """A profile that has to be named."""
    return None if profile == "aws" else profile
