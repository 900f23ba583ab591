"""``hpcctl sandbox``: AWS on this machine."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session, ssh_folder
from hpcctl.errors import ExitCode, SandboxError
from hpcctl.optional import sandbox_package

if TYPE_CHECKING:
    from hpcctl.sandbox.record import ServiceStatus

_POLL_SECONDS = 0.2

EPILOG = """\b
Examples:
  hpcctl sandbox up
  hpcctl --profile sandbox create demo 2 c5.xlarge 4
  eval "$(hpcctl sandbox env)" && aws ec2 describe-instances
  hpcctl sandbox down
"""


@click.group("sandbox", epilog=EPILOG)
def command() -> None:
    """AWS on this machine: its API, and virtual machines behind the instances.

    Everything in it is lost when it goes down: clusters, volumes, buckets. The machine image is kept.
    """
    sandbox_package()


@command.command(
    epilog="""\b
Examples:
  hpcctl sandbox up
  hpcctl sandbox up --cold-boot     every machine boots as on AWS, with the distribution's cloud-init
  hpcctl sandbox up --no-machines   the API alone: instances are records
"""
)
@click.option(
    "--port", type=click.IntRange(1024, 65535), help="Of the API; default: 4599, or the next one free."
)
@click.option("--no-machines", is_flag=True, help="The API alone, for measuring and for tests of scale.")
@click.option("--cold-boot", is_flag=True, help="Boot the image instead of waking up from the saved boot.")
@click.pass_obj
def up(session: Session, port: int | None, no_machines: bool, cold_boot: bool) -> int:
    """Start it; the first time, this makes the machine image."""
    wanted = sandbox_package().Wanted(port=port, machines=not no_machines, cold_boot=cold_boot)
    with console.progress() as progress:
        sandbox_package().ensure_up(session.home, progress=progress, wanted=wanted)
    console.result(f"the sandbox is up: {sandbox_package().cloud(session.home).endpoint_url}")
    return ExitCode.DONE


@command.command(epilog="\b\nExamples:\n  hpcctl sandbox down")
@click.pass_obj
def down(session: Session) -> int:
    """End it, with everything in it. Nothing is left but the machine image and the log."""
    from hpcctl.logins import publish

    ended = sandbox_package().down(session.home)
    if ended and session.home.joinpath("ssh_config").exists():
        for warning in publish(session.home, ssh_folder=ssh_folder()):
            console.warn(warning)
    console.say("the sandbox is down" if ended else "the sandbox was down already")
    return ExitCode.DONE


@command.command(
    epilog="\b\nExamples:\n  hpcctl sandbox status\n  hpcctl sandbox status --json | jq .endpoint"
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def status(session: Session, as_json: bool) -> int:
    """Whether it is up, and what runs in it."""
    found = sandbox_package().status(session.home)
    if as_json:
        console.result_json(_json(found))
    elif found is None:
        console.details({"state": "down", "start it": "hpcctl sandbox up"})
    else:
        _print(found)
    return ExitCode.DONE


@command.command(
    epilog="""\b
Examples:
  eval "$(hpcctl sandbox env)" && aws ec2 describe-instances
"""
)
@click.pass_obj
def env(session: Session) -> int:
    """Environment variables by which the AWS command line and others find it, for a shell.

    The endpoint is a secret: with its random path another user of this machine could use the sandbox. In the
    environment nobody else sees it; on a command line everybody does.
    """
    cloud = sandbox_package().cloud(session.home)
    variables = {
        "AWS_ENDPOINT_URL": cloud.endpoint_url,
        "AWS_DEFAULT_REGION": cloud.region,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
    }
    for name, value in variables.items():
        console.result(f"export {name}={value}")
    console.result("unset AWS_PROFILE AWS_SESSION_TOKEN")
    return ExitCode.DONE


@command.command(epilog="\b\nExamples:\n  hpcctl sandbox logs\n  hpcctl sandbox logs -f")
@click.option("-f", "--follow", is_flag=True, help="Go on until it ends.")
@click.pass_obj
def logs(session: Session, follow: bool) -> int:
    """What it wrote since it was started."""
    from hpcctl.sandbox.paths import SandboxPaths

    path = SandboxPaths(home=session.home).log
    if not path.exists():
        raise SandboxError("there is no log: the sandbox was never started", hint="run: hpcctl sandbox up")
    with path.open(encoding="utf-8", errors="replace") as file:
        while True:
            lasting = follow and sandbox_package().running(session.home) is not None
            click.echo(file.read(), nl=False)
            if not lasting:
                return ExitCode.DONE
            time.sleep(_POLL_SECONDS)


@command.group()
def image() -> None:
    """The image that machines are made from."""


@image.command(epilog="\b\nExamples:\n  hpcctl sandbox image build")
@click.pass_obj
def build(session: Session) -> int:
    """Make it, and the saved boot, unless they are there."""
    from hpcctl.sandbox.machines.fleet import QemuMachines

    with console.progress() as progress, progress.phase("machine image"):
        QemuMachines(session.home).prepare(progress.detail)
    return ExitCode.DONE


@image.command("list", epilog="\b\nExamples:\n  hpcctl sandbox image list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def list_images(session: Session, as_json: bool) -> int:
    """Those that are made, and whether this hpcctl uses them."""
    from hpcctl.sandbox.machines.image import Images

    images = Images(session.home)
    current = images.current().version
    if as_json:
        found = [
            {"version": each.version, "bytes": each.size_bytes(), "in_use": each.version == current}
            for each in images.images()
        ]
        console.result_json(found)
        return ExitCode.DONE
    rows = [
        (each.version, f"{each.size_bytes() / 2**30:.1f} GiB", "yes" if each.version == current else "no")
        for each in images.images()
    ]
    if rows:
        console.table(("VERSION", "SIZE", "IN USE"), rows)
    else:
        console.say("no image is made yet; the first `hpcctl sandbox up` makes one")
    return ExitCode.DONE


@image.command(epilog="\b\nExamples:\n  hpcctl sandbox image clean\n  hpcctl sandbox image clean --all")
@click.option("--all", "everything", is_flag=True, help="The present one as well.")
@click.pass_obj
def clean(session: Session, everything: bool) -> int:
    """Remove the images of other versions of hpcctl."""
    from hpcctl.sandbox.machines.image import Images

    record = sandbox_package().running(session.home)
    if record and record.machines:
        raise SandboxError("machines may run on these images", hint="run first: hpcctl sandbox down")
    for version in Images(session.home).prune(everything=everything):
        console.result(f"removed {version}")
    return ExitCode.DONE


def _print(found: ServiceStatus) -> None:
    record = found.record
    kind = ("QEMU, cold boot" if record.cold_boot else "QEMU, saved boot") if record.machines else "none"
    detail = f": {found.image.detail}" if found.image.detail else ""
    console.details(
        {
            "state": "up",
            "endpoint": record.url,
            "region": "us-east-1",
            "machines": kind,
            "image": f"{found.image.state.value}{detail}" if record.machines else "",
            "instances": ", ".join(f"{count} {state}" for state, count in found.instances.items()) or "none",
            "since": record.started,
            "process": str(record.pid),
        }
    )
    console.say(
        "Everything in it is in this process's memory and on its disks: it is lost when the sandbox ends."
    )


def _json(found: ServiceStatus | None) -> dict[str, object]:
    if found is None:
        return {"state": "down"}
    record = found.record
    return {
        "state": "up",
        "endpoint": record.url,
        "socket": str(Path(record.sockets, "api")),
        "region": "us-east-1",
        "ssh_port": record.ssh_port,
        "machines": record.machines,
        "cold_boot": record.cold_boot,
        "image": {"state": found.image.state.value, "detail": found.image.detail},
        "instances": dict(found.instances),
        "started": record.started,
        "pid": record.pid,
    }
