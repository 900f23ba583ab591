"""``hpcctl create``"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session, profile_option, ssh_folder
from hpcctl.cli.words import nodes_of, share_size
from hpcctl.errors import Problem, SpecError, UsageError
from hpcctl.spec.arguments import Arguments, notes_on, spec_from
from hpcctl.spec.nodes import machines_of, vcpus_of

if TYPE_CHECKING:
    from hpcctl.cli.progress import Recorder
    from hpcctl.lifecycle.creating import CreateRequest
    from hpcctl.spec.model import ClusterSpec, Facts
    from hpcctl.state import ClusterRecord

EPILOG = """\b
Examples:
  hpcctl create demo 4 c5.xlarge 50
  hpcctl create --region eu-central-1 --tag project=wing wing 16 hpc7a.12xlarge 500
  hpcctl create --profile sandbox demo 2 c5.xlarge 4
  hpcctl create --dry-run demo 4 c5.xlarge 50
"""


class _Create(click.Command):
    """Takes -1 for what was meant: a number that is too small, not an option that does not exist."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if re.match(r"-\d", error.option_name):
                raise UsageError(
                    "NODES and SHARE_GB are not negative",
                    hint="at least 1 node and 4 GB, such as: demo 4 c5.xlarge 50",
                ) from error
            raise


@click.command("create", cls=_Create, epilog=EPILOG)
@click.argument("name")
@click.argument("nodes")
@click.argument("type_", metavar="TYPE")
@click.argument("share_gb")
@profile_option
@click.option("--region", metavar="REGION", help="AWS region [default: that of the profile].")
@click.option(
    "--zone", metavar="ZONE", help="Availability zone [default: the first that has the type, and capacity]."
)
@click.option("--image", metavar="AMI", help="Machine image [default: the newest Debian 12].")
@click.option(
    "--key", metavar="FILE", help="Public key that may log in as well, such as ~/.ssh/id_ed25519.pub."
)
@click.option("--user", metavar="USER", default="hpc", show_default=True, help="Name of the login user.")
@click.option("--ssh-from", metavar="CIDR", help="Who may log in [default: your own address only].")
@click.option("--tag", "tags", metavar="K=V", multiple=True, help="Tag on everything; may be repeated.")
@click.option(
    "--min-nodes",
    metavar="K",
    help="Go on with K nodes (the head included) if others cannot be had, even by a second machine [default: NODES].",
)
@click.option(
    "--boot-deadline",
    metavar="SECONDS",
    help="A machine that has not answered by then is replaced [default: that of the profile, 900 on AWS].",
)
@click.option("--replace", is_flag=True, help="Let nodes that are there be made anew, if that is needed.")
@click.option(
    "--destroy-data", is_flag=True, help="Let a head that is there be made anew, with an empty /share."
)
@click.option("--dry-run", is_flag=True, help="Check everything and make nothing.")
@click.option("--timings", is_flag=True, help="Say at the end how long each phase took.")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on this cluster.")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Make a cluster of NODES machines (the head included) of one TYPE with SHARE_GB on /share.

    It has SGE, Open MPI, NFS and S3, and is ready when an MPI job has run on every node. A create that was
    interrupted is finished by the same command. Where a zone has no capacity, the whole cluster goes to the next.
    """
    spec = _spec(given)
    for note in notes_on(spec):
        console.warn(note)
    with console.progress() as progress:
        if given["dry_run"]:
            return _dry_run(session, spec, given, progress)
        with session.working("create", spec.name):
            request = _request(session, spec, given, progress)
            record = _create(session, request, progress, wait=given["wait"])
    _ready(record)
    if given["timings"]:
        console.result("")
        console.timings(progress.timings)
    return 0


def _spec(given: dict[str, Any]) -> ClusterSpec:
    """The spec; a key that cannot be read is told together with all other mistakes."""
    text, unreadable = _read_key(given["key"])
    arguments = Arguments(
        name=given["name"],
        nodes=given["nodes"],
        instance_type=given["type_"],
        share_gib=given["share_gb"],
        user=given["user"],
        zone=given["zone"],
        image=given["image"],
        key_file=given["key"],
        public_key=text,
        ssh_from=given["ssh_from"],
        tags=given["tags"],
        min_nodes=given["min_nodes"],
        boot_deadline=given["boot_deadline"],
    )
    try:
        spec = spec_from(arguments)
    except SpecError as error:
        raise SpecError([*error.problems, *unreadable]) from error
    if unreadable:
        raise SpecError(unreadable)
    return spec


def _read_key(file: str | None) -> tuple[str | None, list[Problem]]:
    if file is None:
        return None, []
    try:
        return Path(file).expanduser().read_text(encoding="utf-8"), []
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        hint = "give a public key, such as ~/.ssh/id_ed25519.pub, or leave --key out"
        return None, [Problem(where=f"--key {file}", what=f"the key cannot be read: {reason}", hint=hint)]


def _request(session: Session, spec: ClusterSpec, given: dict[str, Any], progress: Recorder) -> CreateRequest:
    from hpcctl.lifecycle.creating import CreateRequest
    from hpcctl.lifecycle.guarding import Permission
    from hpcctl.terraform import find_terraform

    find_terraform(session.home)  # before anything is started, asked or written
    cloud = session.cloud(profile=given["profile"], region=given["region"], progress=progress)
    key_file = str(Path(given["key"]).expanduser().absolute()) if given["key"] else None
    permission = Permission(replace=given["replace"], destroy_data=given["destroy_data"])
    return CreateRequest(spec=spec, cloud=cloud, key_file=key_file, permission=permission)


def _create(session: Session, request: CreateRequest, progress: Recorder, *, wait: bool) -> ClusterRecord:
    """Create; whatever comes of it, what is there can be logged in to, and the times are kept."""
    from hpcctl.lifecycle.creating import create
    from hpcctl.workspace import Workspace

    workspace = Workspace(home=session.home, name=request.spec.name)
    was_known = workspace.exists()
    try:
        record = create(request, context=session.context(progress, wait=wait))
    finally:
        if was_known or workspace.exists():
            _publish(session)
    with workspace.lock("create", wait=True):
        workspace.save(replace(workspace.load(), timings=progress.timings))
    return record


def _publish(session: Session) -> None:
    from hpcctl.logins import publish

    for warning in publish(session.home, ssh_folder=ssh_folder()):
        console.warn(warning)


def _ready(record: ClusterRecord) -> None:
    name, spec = record.spec.name, record.spec
    console.result(f"{name} is ready: {nodes_of(record)}, {share_size(spec)} on /share")
    console.result(f"  log in     ssh {name}          (or: hpcctl ssh {name})")
    console.result(f"  look       hpcctl show {name}")
    console.result(f"  terminate  hpcctl terminate {name}")


def _dry_run(session: Session, spec: ClusterSpec, given: dict[str, Any], progress: Recorder) -> int:
    from hpcctl.aws import preflight

    cloud = session.cloud(profile=given["profile"], region=given["region"], progress=None)
    with progress.phase("preflight"):
        facts = preflight(spec, cloud, progress=progress)
    console.details(
        {
            "cluster": spec.name,
            "where": f"{cloud.profile}, account {facts.account}, {facts.zone}",
            "nodes": _nodes(spec, facts),
            "image": ", ".join(dict.fromkeys(one.image_id for one in facts.images)),
            "/share": share_size(spec),
            "user": spec.user,
            "ssh from": ", ".join(facts.ssh_from),
            "tags": ", ".join(f"{key}={value}" for key, value in spec.tags),
        }
    )
    console.say("nothing was made: this was a dry run")
    return 0


def _nodes(spec: ClusterSpec, facts: Facts) -> str:
    each = "; ".join(
        f"{kind.name}: {kind.vcpus} vCPUs, {kind.memory_mib / 1024:g} GiB" for kind in facts.types
    )
    return f"{machines_of(spec)} ({each}), {vcpus_of(spec, facts)} vCPUs in all"
