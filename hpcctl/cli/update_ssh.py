"""``hpcctl update-ssh``"""

from __future__ import annotations

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session, ssh_folder
from hpcctl.errors import ExitCode

EPILOG = """\b
Examples:
  hpcctl update-ssh
"""


@click.command("update-ssh", epilog=EPILOG)
@click.pass_obj
def command(session: Session) -> int:
    """Renew the entries of all clusters for ssh, from the addresses that their clouds report now.

    ~/.ssh/config gets one Include line and is otherwise left as it is.
    """
    from hpcctl.logins import config_path, publish, refresh

    refreshed = refresh(session.home)
    for warning in publish(session.home, ssh_folder=ssh_folder()):
        console.warn(warning)
    for cluster in refreshed:
        if cluster.problem:
            console.warn(f"{cluster.name}: {cluster.problem}")
        else:
            console.result(f"{cluster.name}: {'new addresses' if cluster.changed else 'unchanged'}")
    console.say(f"written: {config_path(session.home)}")
    return ExitCode.FAILED if any(cluster.problem for cluster in refreshed) else ExitCode.DONE
