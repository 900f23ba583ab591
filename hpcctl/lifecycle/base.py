"""What all clusters of one account and region share: looked up by its tags, made once, never destroyed here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hpcctl.aws import find_base, leftovers
from hpcctl.errors import CloudError, Interrupted
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.terraforming import apply, settle
from hpcctl.locks import locked
from hpcctl.modules import check_root
from hpcctl.render import BaseRequest, render_base
from hpcctl.spec.model import Base, Cloud, Facts
from hpcctl.workspace import write_files


def ensure_base(cloud: Cloud, facts: Facts, context: Context) -> Base:
    """The base of this account and region, made now if it is the first cluster's turn."""
    found = find_base(cloud, facts.zone)
    if found:
        return found
    key = f"base-{facts.account}-{cloud.region}"
    with locked(context.home / "locks" / f"{key}.lock", verb="create", wait=True, say=context.progress.note):
        found = find_base(cloud, facts.zone)
        return found or _make(
            cloud, facts, context, context.home / "base" / f"{facts.account}-{cloud.region}"
        )


def _make(cloud: Cloud, facts: Facts, context: Context, folder: Path) -> Base:
    with context.progress.phase("terraform: base"):
        settle(folder / "terraform", context=context)
        request = BaseRequest(cloud=cloud, account=facts.account)
        left = leftovers(cloud, bucket=request.bucket, role=request.role)
        request = replace(
            request,
            bucket_exists=left.bucket_exists,
            role_exists=left.role_exists,
            profile_exists=left.profile_exists,
        )
        files = render_base(request)
        check_root(files)
        write_files(folder / "terraform", files)
        _applied(folder / "terraform", context)
    made = find_base(cloud, facts.zone)
    if not made:
        raise CloudError(
            f"the zone {facts.zone} has no subnet in hpcctl's base", hint="choose another one with --zone"
        )
    return made


def _applied(folder: Path, context: Context) -> None:
    try:
        apply(folder, size=10, context=context)
    except Interrupted as error:
        raise Interrupted(
            "stopped while the network was made that all clusters of this account and region share;"
            " there is no cluster yet",
            hint="the next `hpcctl create` finishes it; what is there of it costs nothing",
        ) from error
