"""``hpcctl recover``"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session, profile_option, ssh_folder
from hpcctl.cli.words import ClusterName
from hpcctl.errors import ExitCode

if TYPE_CHECKING:
    from hpcctl.lifecycle.recovering import Recovered

EPILOG = """\b
Examples:
  hpcctl recover demo
  hpcctl recover --profile lab --region eu-central-1 wing
  hpcctl recover --id 0a1b2c3d demo
"""


@click.command("recover", epilog=EPILOG)
@click.argument("name", type=ClusterName())
@profile_option
@click.option("--region", metavar="REGION", help="AWS region [default: that of the profile].")
@click.option("--id", "cluster_id", metavar="ID", help="Which one, if the account has several of that name.")
@click.option("--force", is_flag=True, help="Write everything again, even if nothing is lost.")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on the cluster.")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Write down again what is lost of a cluster: its folder here, and what Terraform knew of it.

    All is read from the account, where everything of a cluster carries its tags; the machines are not touched.
    What is left of the folder is kept. The exit code is 0 if Terraform then plans no change.
    """
    from hpcctl.lifecycle.recovering import RecoverRequest, recover
    from hpcctl.logins import publish

    request = RecoverRequest(
        name=given["name"],
        cloud=lambda: session.cloud(profile=given["profile"], region=given["region"], progress=None),
        cluster_id=given["cluster_id"],
        force=given["force"],
    )
    with console.progress() as progress, session.working("recover", given["name"]):
        found = recover(request, context=session.context(progress, wait=given["wait"]))
    for warning in publish(session.home, ssh_folder=ssh_folder()):
        console.warn(warning)
    return _tell(given["name"], found)


def _tell(name: str, found: Recovered) -> int:
    from hpcctl.state import Phase

    if found.nothing_was_lost and not found.planned:
        console.result(f"{name}: nothing is lost")
        return ExitCode.DONE
    for what, names in (("written again", found.files), ("Terraform knows again", found.resources)):
        if names:
            console.result(f"{name}: {what}: {', '.join(names)}")
    if found.record.phase is Phase.TERMINATING:
        console.warn(f"{name} has no head any more; take away the rest of it: hpcctl terminate {name}")
        return ExitCode.FAILED
    if found.missing:
        verb = (
            f"the same `hpcctl create` of {name}"
            if found.record.phase is Phase.CREATING
            else f"hpcctl start {name}"
        )
        console.warn(f"{', '.join(found.missing)} is gone; {verb} makes it again")
    for change in found.planned:
        console.warn(f"Terraform would change: {change}")
    if found.shut_out:
        console.warn(f"still lost: {', '.join(found.access)}: {found.shut_out}")
    elif found.access:
        console.result(f"{name}: this machine has a key of its own again")
    if (found.files or found.resources) and not found.planned:
        console.result(f"{name}: Terraform plans no change")
    return ExitCode.FAILED if found.planned or found.shut_out else ExitCode.DONE
