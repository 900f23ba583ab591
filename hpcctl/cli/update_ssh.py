"""``hpcctl update-ssh``"""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session, profile_option, ssh_folder
from hpcctl.errors import ExitCode, HpcctlError
from hpcctl.spec.model import S3
from hpcctl.spec.names import problems_with_name

if TYPE_CHECKING:
    from hpcctl.lifecycle.renewing import Renewed, Stranger
    from hpcctl.spec.model import Cloud

EPILOG = """\b
Examples:
  hpcctl update-ssh
  hpcctl update-ssh --profile lab
"""


@click.command("update-ssh", epilog=EPILOG)
@profile_option
@click.option("--region", metavar="REGION", help="AWS region [default: that of the profile].")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on a cluster.")
@click.pass_obj
def command(session: Session, profile: str | None, region: str | None, as_json: bool, wait: bool) -> int:
    """Renew the ways in: the entries of all clusters for ssh, from the addresses that their clouds report now.

    Where a cluster lets in your own address alone and that has changed, its firewall is moved to the new one.
    Clusters of yours that this machine does not know are named. ~/.ssh/config gets one Include line and is
    otherwise left as it is.
    """
    from hpcctl.lifecycle.renewing import await_others, renew
    from hpcctl.logins import config_path, publish

    if wait:
        await_others(session.home, say=console.say)
    renewal = renew(session.home, besides=_present_cloud(session, profile, region))
    for warning in (*publish(session.home, ssh_folder=ssh_folder()), *renewal.warnings):
        console.warn(warning)
    if as_json:
        console.result_json([_json(cluster) for cluster in renewal.clusters])
    for cluster in renewal.clusters:
        if cluster.problem:
            console.warn(f"{cluster.name}: {cluster.problem}")
        elif not as_json:
            _tell(cluster)
    for stranger in renewal.strangers:
        console.say(_introduced(stranger))
    console.say(f"written: {config_path(session.home)}")
    return ExitCode.FAILED if any(cluster.problem for cluster in renewal.clusters) else ExitCode.DONE


def _present_cloud(session: Session, profile: str | None, region: str | None) -> Cloud | None:
    """The cloud of the profile, to look for clusters; one that was not asked for by name need not be there."""
    try:
        return session.cloud(profile=profile, region=region, progress=None)
    except HpcctlError:
        if profile or session.profile or region:
            raise
        return None


def _tell(cluster: Renewed) -> None:
    changes = [
        *(["new addresses"] if cluster.addresses else ()),
        *([f"logins are let in from {cluster.let_in} now"] if cluster.let_in else ()),
    ]
    console.result(f"{cluster.name}: {', '.join(changes) or cluster.note or 'unchanged'}")


def _json(cluster: Renewed) -> dict[str, Any]:
    return {
        "name": cluster.name,
        "addresses_changed": bool(cluster.addresses),
        "let_in": cluster.let_in or None,
        "note": cluster.note or None,
        "problem": cluster.problem or None,
    }


def _introduced(stranger: Stranger) -> str:
    cloud = stranger.cloud
    if any(problems_with_name(stranger.name)):  # whoever may tag instances can write what would be pasted
        return f"not known here: a cluster with a name that hpcctl gives to none: {stranger.name!r}"
    what = f"{stranger.name} ({stranger.nodes} nodes, {cloud.profile}, {cloud.region})"
    if stranger.shared and cloud.state == S3:
        return f"shared, and not copied here yet: {what}; see it with: hpcctl show {stranger.name}"
    if stranger.shared:
        return (
            f'shared: {what}; to work on it, put state = "s3" into the profile {cloud.profile} in config.hcl'
        )
    return (
        f"not known here: {what};"
        f" take it over with: hpcctl recover --profile {quote(cloud.profile)} --region {cloud.region} {stranger.name}"
    )
