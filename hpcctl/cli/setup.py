"""``hpcctl setup``"""

from __future__ import annotations

import os

import click

from hpcctl.cli import console
from hpcctl.cli.progress import Recorder
from hpcctl.cli.session import Session
from hpcctl.errors import ExitCode, TerraformError

EPILOG = """\b
Examples:
  hpcctl setup
  hpcctl setup --sandbox --yes
"""


@click.command("setup", epilog=EPILOG)
@click.option("--sandbox", is_flag=True, help="What the sandbox's machines need, too.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.pass_obj
def command(session: Session, sandbox: bool, yes: bool) -> int:
    """Install what this machine lacks: system packages by apt, and Terraform.

    Packages need root or sudo. Terraform comes in a pinned version, its checksum checked, into
    $HPCCTL_HOME/bin, and only if neither terraform nor tofu is on PATH.
    """
    with console.progress() as progress:
        done = [_packages(progress, sandbox=sandbox, yes=yes), _terraform(session, progress)]
        if sandbox:
            _python_packages()
    if not any(done):
        console.say("all that is needed is there")
    return ExitCode.DONE


def _packages(progress: Recorder, *, sandbox: bool, yes: bool) -> bool:
    from hpcctl.setup.packages import install, install_command, missing

    lacking = missing(sandbox=sandbox)
    if not lacking:
        return False
    packages = sorted({need.package for need in lacking})
    console.say(f"not there: {', '.join(need.program for need in lacking)}")
    commands = install_command(packages)
    how = "with sudo" if commands[0][0] == "sudo" else "as root"
    console.say(f"to be installed by apt-get, {how}: {' '.join(packages)}")
    if not console.confirm("Go on?", yes=yes):
        raise click.Abort
    with progress.phase("system packages"):
        install(commands, say=progress.detail)
    return True


def _terraform(session: Session, progress: Recorder) -> bool:
    from hpcctl.terraform.binary import SETTING, find_binary

    try:
        find_binary(session.home)
    except TerraformError:
        if os.environ.get(SETTING):  # whoever set it wants that one, and no other
            raise
        from hpcctl.setup.terraform import install_terraform

        with progress.phase("Terraform"):
            path = install_terraform(session.home, say=progress.detail)
        console.say(f"installed: {path}")
        return True
    return False


def _python_packages() -> None:
    """moto comes with the extra ``sandbox``; the error says so where it is missing."""
    from importlib.util import find_spec

    from hpcctl.errors import HpcctlError

    if find_spec("moto") is None:
        raise HpcctlError("the Python package moto is missing", hint="pip install 'hpcctl[sandbox]'")
