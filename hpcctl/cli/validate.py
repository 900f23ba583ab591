"""``hpcctl validate``"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.cluster_options import file_options, settings_of, told_at
from hpcctl.cli.session import Session, profile_option
from hpcctl.errors import ExitCode, Problem, SpecError

if TYPE_CHECKING:
    from hpcctl.lifecycle.asking import Asked
    from hpcctl.spec.building import Built
    from hpcctl.spec.model import ClusterSpec

EPILOG = """\b
Examples:
  hpcctl validate cluster.hcl
  hpcctl validate --template gpu --set project=wing cluster.hcl
  hpcctl validate --online --profile lab cluster.hcl
  hpcctl validate --json cluster.hcl
"""

NAME = "demo"
"""A name that is right: a file does not say what its clusters are called."""


@click.command("validate", epilog=EPILOG)
@click.argument("file", metavar="FILE", required=False)
@profile_option
@file_options
@click.option("--region", metavar="REGION", help="AWS region [default: that of the file, or of the profile].")
@click.option("--online", is_flag=True, help="Ask AWS as well: types, images, volumes, networks, quotas.")
@click.option("--json", "as_json", is_flag=True, help="The problems, for programs.")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Is a cluster file right? Everything that is wrong is told, at its line. FILE is cluster.hcl by default.

    Needs no credentials and no network, but for --online. The exit code is 2 if something is wrong.
    """
    problems: list[Problem] = []
    found: list[tuple[str, Built]] = []
    try:
        for label, built in _templates(session, given, problems):
            found.append((label, built))
            problems += _online(session, given, built) if given["online"] else ()
    except SpecError as error:
        problems += error.problems
    if given["as_json"]:
        console.result_json([_json(problem) for problem in dict.fromkeys(problems)])
        return ExitCode.USAGE if problems else ExitCode.DONE
    _tell(found, several=len(found) > 1)
    if problems:
        raise SpecError(tuple(dict.fromkeys(problems)))
    return ExitCode.DONE


def _templates(
    session: Session, given: dict[str, Any], problems: list[Problem]
) -> Iterator[tuple[str, Built]]:
    """Each template that is meant to be a cluster, understood; what is wrong with the others goes to ``problems``."""
    from hpcctl.lifecycle.asking import candidates, open_asked, understood_in

    asked = _asked(session, given)
    document = open_asked(asked, environ=os.environ)
    labels = [document.choose(asked.template)] if asked.template else candidates(document)
    for label in labels:
        try:
            yield label, understood_in(document, label, asked)
        except SpecError as error:
            problems += error.problems


def _asked(session: Session, given: dict[str, Any]) -> Asked:
    from hpcctl.lifecycle.asking import CLUSTER_FILE, Asked
    from hpcctl.spec.arguments import Arguments

    return Asked(
        arguments=Arguments(name=NAME, region=given["region"]),
        file=Path(given["file"] or CLUSTER_FILE),
        template=given["template"],
        settings=settings_of(given),
        defaults=session.defaults(profile=given["profile"]),
    )


def _online(session: Session, given: dict[str, Any], built: Built) -> Sequence[Problem]:
    """What AWS would say, but for the name, which is none."""
    from hpcctl.aws import preflight

    cloud = session.cloud(profile=given["profile"], region=built.region, progress=None)
    try:
        with console.progress() as progress, told_at(built.places), progress.phase("preflight"):
            preflight(built.spec, cloud, progress=progress)
    except SpecError as error:
        return [problem for problem in error.problems if problem.where != "NAME"]
    return ()


def _tell(found: Sequence[tuple[str, Built]], *, several: bool) -> None:
    for label, built in found:
        before = f"{label or '(without a name)'}: " if several or label else ""
        console.result(f"{before}{_in_a_line(built.spec)}")
        for note in built.notes:
            console.warn(f"{before}{note}")


def _in_a_line(spec: ClusterSpec) -> str:
    from hpcctl.cli.words import share_size
    from hpcctl.spec.nodes import machines_of

    places = [*([", ".join(spec.zones)] if spec.zones else ()), spec.scheduler]
    others = len(spec.volumes) + len(spec.efs)
    more = f", {others} more file system{'s' if others > 1 else ''}" if others else ""
    return f"{machines_of(spec)}, {share_size(spec)} on /share{more}, {', '.join(places)}"


def _json(problem: Problem) -> dict[str, Any]:
    place = problem.excerpt
    return {
        "file": place.path if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "length": place.length if place else None,
        "where": problem.where,
        "what": problem.what,
        "hint": problem.hint or None,
    }
