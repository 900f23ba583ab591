"""The questions of ``hpcctl init``: each answer is checked at once, as the file that it would make."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import click

from hpcctl.errors import HpcctlError
from hpcctl.outline import NewVolume, Opening, Outline, problem_with

Change = Callable[[Outline, str], Outline]
"""An answer put into the outline. ValueError, in words, where it cannot be."""


class Interview:
    """Asks on the terminal; ``outline`` is what has been answered so far, the defaults for all else."""

    def __init__(self) -> None:
        self.outline = Outline()

    def machines(self) -> Interview:
        """The head and the compute nodes."""
        self.ask("Nodes, the head included", Outline.nodes, _with_nodes)
        self.ask("Instance type", Outline.instance_type, lambda o, text: replace(o, instance_type=text))
        if self.outline.nodes > 1:
            spot = click.confirm("Spot capacity for compute nodes: cheaper, may be taken back", err=True)
            self.outline = replace(self.outline, spot=spot)
        return self

    def storage(self) -> Interview:
        """/share and more volumes."""
        self.ask(
            "Size of /share in GB", Outline.share_gib, lambda o, text: replace(o, share_gib=_whole(text))
        )
        while self.ask("Mount point of another volume, such as /data (none: Enter)", "", _with_volume):
            self.ask("Its size in GB", 100, _with_size)
        return self

    def others(self) -> Interview:
        """The image, and who may come in."""
        self.ask(
            "Image: debian-12, ubuntu-24.04 … or an AMI",
            Outline.image,
            lambda o, text: replace(o, image=text),
        )
        self.ask(
            "Who may log in by ssh, such as 203.0.113.0/24 (your own address alone: Enter)",
            "",
            lambda o, text: replace(o, ssh_from=text or None),
        )
        while self.ask("Another port to open on the head, such as 8888 (none: Enter)", "", _with_port):
            self.ask("For whom", "", _with_network)
        return self

    def ask(self, question: str, default: object, change: Change) -> bool:
        """Ask until the answer makes a good file. Was there an answer?"""

        def checked(text: str) -> Outline:
            try:
                outline = change(self.outline, text.strip())
            except ValueError as error:
                raise click.BadParameter(str(error)) from None
            problem = problem_with(outline)
            if problem:
                raise click.BadParameter(f"{problem.what}; {problem.hint}")
            return outline

        before = self.outline
        self.outline = click.prompt(
            question, default=str(default), value_proc=checked, show_default=bool(default), err=True
        )
        return self.outline != before

    def choose(self, question: str, default: str, known: Callable[[str], str]) -> str:
        """Ask for something that is no part of the file; ``known`` raises HpcctlError where there is no such thing."""

        def checked(text: str) -> str:
            try:
                return known(text.strip())
            except HpcctlError as error:
                raise click.BadParameter(f"{error.message}; {error.hint}") from None

        return str(click.prompt(question, default=default, value_proc=checked, err=True))


def _whole(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", text):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


def _with_nodes(outline: Outline, nodes: str) -> Outline:
    if _whole(nodes) < 1:
        raise ValueError("at least 1: the head")
    return replace(outline, nodes=_whole(nodes))


def _with_volume(outline: Outline, mount: str) -> Outline:
    if not mount:
        return outline
    name = re.sub(r"[^a-z0-9]+", "-", mount.lower()).strip("-")[:12].rstrip("-")
    taken = {volume.name for volume in outline.volumes}
    if name in taken or not name[:1].isalpha():
        name = next(f"volume-{number}" for number in range(1, 100) if f"volume-{number}" not in taken)
    return replace(outline, volumes=(*outline.volumes, NewVolume(name=name, mount=mount, gib=100)))


def _with_size(outline: Outline, size: str) -> Outline:
    *others, last = outline.volumes
    return replace(outline, volumes=(*others, replace(last, gib=_whole(size))))


def _with_port(outline: Outline, ports: str) -> Outline:
    if not ports:
        return outline
    rule = Opening(name=f"ports-{ports}", ports=ports, cidr="127.0.0.1/32")  # until it is said for whom
    return replace(outline, rules=(*outline.rules, rule))


def _with_network(outline: Outline, cidr: str) -> Outline:
    if not cidr:
        raise ValueError("an address or a network, such as 203.0.113.0/24; 0.0.0.0/0 is the whole internet")
    *others, last = outline.rules
    return replace(outline, rules=(*others, replace(last, cidr=cidr)))
