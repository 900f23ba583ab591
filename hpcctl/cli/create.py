"""``hpcctl create``"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.cluster_options import built_by, cluster_options, told_at
from hpcctl.cli.preview import preview_json, show_preview
from hpcctl.cli.session import Session, profile_option, ssh_folder
from hpcctl.cli.words import Amount, nodes_of, share_size
from hpcctl.errors import UsageError
from hpcctl.spec.seats import count_from, seats_of

if TYPE_CHECKING:
    from hpcctl.cli.progress import Recorder
    from hpcctl.lifecycle.creating import CreateRequest
    from hpcctl.spec.building import Built
    from hpcctl.spec.model import ClusterSpec
    from hpcctl.state import ClusterRecord

EPILOG = """\b
Examples:
  hpcctl create demo 4 c5.xlarge 50
  hpcctl create --region eu-central-1 --tag project=wing wing 16 hpc7a.12xlarge 500
  hpcctl create --profile sandbox demo 2 c5.xlarge 4
  hpcctl create --dry-run demo 4 c5.xlarge 50
  hpcctl create demo --file cluster.hcl
  hpcctl create lab 2 c5.xlarge 20 --count 30 --authorize seats.keys
  hpcctl create demo 9 --file cluster.hcl --template gpu --set project=wing
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
@click.argument("nodes", required=False)
@click.argument("type_", metavar="[TYPE]", required=False)
@click.argument("share_gb", required=False)
@profile_option
@cluster_options
@click.option("--replace", is_flag=True, help="Let nodes that are there be made anew, if that is needed.")
@click.option(
    "--destroy-data", is_flag=True, help="Let a head that is there be made anew, with an empty /share."
)
@click.option(
    "--count", metavar="K", help="Make a class of K like clusters: NAME-01 to NAME-K, side by side."
)
@click.option(
    "--dry-run", is_flag=True, help="Check everything, show what it would be and cost, and make nothing."
)
@click.option("--json", "as_json", is_flag=True, help="With --dry-run: for programs.")
@click.option(
    "--max-price",
    metavar="USD_PER_HOUR",
    type=Amount(min=0, min_open=True),
    help="Make nothing that costs more, disks and addresses included.",
)
@click.option("--timings", is_flag=True, help="Say at the end how long each phase took.")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on this cluster.")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Make a cluster of NODES machines (the head included) of one TYPE with SHARE_GB on /share, or that of a FILE.

    It has SGE, Open MPI, NFS and S3, and is ready when an MPI job has run on every node. A create that was
    interrupted is finished by the same command. Where a zone has no capacity, the whole cluster goes to the next.
    Words and options win over the file. With --count, clusters that fail hold no other up.
    """
    built, count = built_by(session, given), count_from(given["count"])
    with console.progress() as progress, told_at(built.places):
        specs = seats_of(built.spec, count)
        built = replace(built, spec=specs[0])
        if given["dry_run"]:
            return _dry_run(session, built, given, progress, copies=len(specs))
        if count is not None:
            return _create_class(session, built, specs, given, progress)
        with session.working("create", built.spec.name):
            request = _request(session, built, given, progress)
            record = _create(session, request, progress, wait=given["wait"])
    _ready(record)
    if given["timings"]:
        console.result("")
        console.timings(progress.timings)
    return 0


def _request(session: Session, built: Built, given: dict[str, Any], progress: Recorder) -> CreateRequest:
    from hpcctl.lifecycle.creating import CreateRequest
    from hpcctl.lifecycle.guarding import Permission
    from hpcctl.terraform import find_terraform

    find_terraform(session.home)  # before anything is started, asked or written
    cloud = session.cloud(profile=given["profile"], region=built.region, progress=progress)
    key_file = str(built.key_file.expanduser().absolute()) if built.key_file else None
    permission = Permission(replace=given["replace"], destroy_data=given["destroy_data"])
    return CreateRequest(
        spec=built.spec,
        cloud=cloud,
        key_file=key_file,
        permission=permission,
        max_usd_hour=given["max_price"],
        review=show_preview,
    )


def _create_class(
    session: Session,
    built: Built,
    specs: tuple[ClusterSpec, ...],
    given: dict[str, Any],
    progress: Recorder,
) -> int:
    from hpcctl.cli.seats import create_class

    one = _request(session, built, given, progress)
    requests = [replace(one, spec=spec) for spec in specs]
    wait, timings = given["wait"], given["timings"]
    return create_class(session, requests, progress=progress, wait=wait, timings=timings)


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


def _dry_run(
    session: Session, built: Built, given: dict[str, Any], progress: Recorder, *, copies: int
) -> int:
    from hpcctl.aws import preflight
    from hpcctl.lifecycle.previewing import preview, require_affordable

    cloud = session.cloud(profile=given["profile"], region=built.region, progress=None)
    with progress.phase("preflight"):
        facts = preflight(built.spec, cloud, progress=progress, copies=copies)
        seen = preview(built.spec, facts, cloud, home=session.home, copies=copies)
    if given["as_json"]:
        console.result_json(preview_json(seen))
    else:
        show_preview(seen, write=console.result)
        console.say("nothing was made: this was a dry run")
    require_affordable(seen, given["max_price"])
    return 0
