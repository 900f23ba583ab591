"""What the group hands to every verb."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hpcctl.home import home_folder

if TYPE_CHECKING:
    from hpcctl.cli.progress import Recorder
    from hpcctl.lifecycle.context import Context
    from hpcctl.spec.document.model import Section
    from hpcctl.spec.model import Cloud

F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class Session:
    """One run of the command line: where the home is, and the options that belong to no verb.

    ``at_work`` says what is being done to clusters at this moment; several threads may do so.
    """

    home: Path = field(default_factory=lambda: home_folder(os.environ))
    profile: str | None = None
    debug: bool = False
    at_work: list[str] = field(default_factory=list)

    @property
    def work(self) -> str:
        """What is being done, in words; empty if nothing is."""
        named = ", ".join(self.at_work[:5])
        return f"{named} and more" if len(self.at_work) > 5 else named

    def context(self, progress: Recorder, *, wait: bool = False) -> Context:
        """What the lifecycle wants to know."""
        from hpcctl.lifecycle.context import Context

        return Context(home=self.home, progress=progress, wait=wait)

    @contextmanager
    def working(self, verb: str, name: str) -> Iterator[None]:
        """Around all that a verb does to the cluster ``name``: Ctrl-C becomes a word on what is left and what to do."""
        from hpcctl.errors import Interrupted
        from hpcctl.lifecycle.interrupted import interrupted
        from hpcctl.workspace import Workspace

        work = f"`hpcctl {verb}` of {name}"
        self.at_work.append(work)
        try:
            yield
        except (KeyboardInterrupt, Interrupted) as cause:
            raise interrupted(Workspace(home=self.home, name=name), verb, cause=cause) from cause
        finally:
            self.at_work.remove(work)

    def cloud(self, *, profile: str | None, region: str | None, progress: Recorder | None) -> Cloud:
        """The Cloud of the chosen profile. With a ``progress`` the sandbox is started if that is the one."""
        from hpcctl.choosing import chosen_cloud

        chosen = self.profile if profile is None else profile
        return chosen_cloud(self.home, profile=chosen, region=region, environ=os.environ, progress=progress)

    def defaults(self, *, profile: str | None) -> Section | None:
        """What the chosen profile says of every cluster, if it says anything."""
        if not (self.home / "config.hcl").exists():  # without one nobody need pay for what reads it
            return None
        from hpcctl.clouds import defaults_of, profile_name

        chosen = self.profile if profile is None else profile
        return defaults_of(profile_name(chosen, os.environ, home=self.home), home=self.home)


def ssh_folder() -> Path:
    """Where the user's own ssh config is."""
    return Path.home() / ".ssh"


def profile_option(command: F) -> F:
    """``--profile`` on a verb; it may stand before the verb as well."""
    return click.option(
        "--profile",
        metavar="NAME",
        help="Where: aws (default), sandbox, a profile of config.hcl or of the AWS CLI.",
    )(command)
