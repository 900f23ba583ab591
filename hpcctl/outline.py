"""The first cluster file: a few answers, and the commented text that they make."""

from __future__ import annotations

from dataclasses import dataclass

from hpcctl.errors import Problem, SpecError
from hpcctl.spec.arguments import Arguments, built_from
from hpcctl.spec.document.loading import open_document
from hpcctl.templating import render_template

_ANY_NAME = "demo"


@dataclass(frozen=True, kw_only=True)
class NewVolume:
    """One more volume, made new."""

    name: str
    mount: str
    gib: int


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Ports of the head, open to a network."""

    name: str
    ports: str
    cidr: str


@dataclass(frozen=True, kw_only=True)
class Outline:
    """What was answered; ``nodes`` counts the head. The defaults are those of the questions."""

    profile: str | None = None
    region: str = "us-east-1"
    nodes: int = 4
    instance_type: str = "c5.xlarge"
    spot: bool = False
    share_gib: int = 50
    volumes: tuple[NewVolume, ...] = ()
    image: str = "debian-12"
    rules: tuple[Opening, ...] = ()
    ssh_from: str | None = None


def text_of(outline: Outline, *, file: str) -> str:
    """The cluster file, which will be called ``file``."""
    return render_template(
        "init/cluster.hcl.j2",
        file=file,
        profile=outline.profile,
        region=outline.region,
        instance_type=outline.instance_type,
        compute=outline.nodes - 1,
        spot=outline.spot,
        share_gib=outline.share_gib,
        volumes=outline.volumes,
        image=outline.image,
        rules=outline.rules,
        ssh_from=outline.ssh_from,
    )


def problem_with(outline: Outline) -> Problem | None:
    """The first thing that is wrong with the file that this would make."""
    text = text_of(outline, file="cluster.hcl")
    try:
        document = open_document("cluster.hcl", settings={}, environ={}, read=lambda _: text)
        reading = document.reading(document.choose(None))
        built_from(
            Arguments(name=_ANY_NAME), read=lambda _: "", below=reading.section, besides=reading.problems
        )
    except SpecError as error:
        return error.problems[0]
    return None
