"""What clusters stand on: found by tags and names; what hpcctl's own lacks is made once, and never destroyed here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hpcctl.aws import find_base, has_s3_endpoint, leftovers
from hpcctl.errors import CloudError, Interrupted
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.terraforming import apply, settle
from hpcctl.locks import locked
from hpcctl.modules import check_root
from hpcctl.render import BaseRequest, render_base
from hpcctl.spec.basenames import Part, needed_parts
from hpcctl.spec.model import Base, Cloud, ClusterSpec, Facts
from hpcctl.workspace import write_files


def ensure_base(spec: ClusterSpec, cloud: Cloud, facts: Facts, context: Context) -> Base:
    """All that the cluster uses, made now as far as it is hpcctl's own and nobody has made it yet.

    Where network, bucket and instance profile are the user's, nothing is made.
    """
    found = find_base(cloud, spec, account=facts.account, zone=facts.zone)
    if not found.base:
        key = f"base-{facts.account}-{cloud.region}"
        lock = context.home / "locks" / f"{key}.lock"
        with locked(lock, verb="create", wait=True, say=context.progress.note):
            found = find_base(cloud, spec, account=facts.account, zone=facts.zone)
            if not found.base:
                _make(spec, cloud, facts, found.missing, context)
        found = find_base(cloud, spec, account=facts.account, zone=facts.zone)
    if not found.base:
        raise CloudError("the base was made, and does not show yet", hint="try again in a minute")
    if _needs_endpoint(spec) and not has_s3_endpoint(cloud, found.base.vpc_id):
        _add_endpoint(cloud, facts, context)
    return found.base


def _make(spec: ClusterSpec, cloud: Cloud, facts: Facts, missing: frozenset[Part], context: Context) -> None:
    """A role for a bucket of the user's own stands by itself; all else is one folder, which never gives anything up."""
    with context.progress.phase("terraform: base"):
        if spec.bucket and Part.ROLE in missing:
            request = BaseRequest(
                cloud=cloud, account=facts.account, parts=frozenset({Part.ROLE}), own_bucket=spec.bucket
            )
            _made(request, _folder(cloud, facts, context) / request.role / "terraform", context)
            missing -= {Part.ROLE}
        if missing:
            needed = needed_parts(spec) - {Part.NETWORK} if not spec.bucket else frozenset()
            _made_base(cloud, facts, missing | needed, context)


def _made_base(cloud: Cloud, facts: Facts, parts: frozenset[Part], context: Context) -> None:
    folder = _folder(cloud, facts, context) / "terraform"
    former = {part for part in Part if (folder / "modules" / part.value).is_dir()}
    _made(BaseRequest(cloud=cloud, account=facts.account, parts=parts | former), folder, context)


def _made(request: BaseRequest, folder: Path, context: Context) -> None:
    settle(folder, context=context)
    if Part.ROLE in request.parts or Part.BUCKET in request.parts:
        left = leftovers(request.cloud, bucket=request.bucket, role=request.role)
        request = replace(
            request,
            bucket_exists=left.bucket_exists,
            role_exists=left.role_exists,
            profile_exists=left.profile_exists,
        )
    files = render_base(request)
    check_root(files)
    write_files(folder, files)
    _applied(folder, context)


def _needs_endpoint(spec: ClusterSpec) -> bool:
    """Do nodes without a public address use S3 from hpcctl's own network?"""
    private = any(not group.public_address for group in spec.groups)
    return private and spec.permanent and not spec.network.subnet


def _add_endpoint(cloud: Cloud, facts: Facts, context: Context) -> None:
    """To a network of an earlier hpcctl, by the folder that made it."""
    folder = _folder(cloud, facts, context) / "terraform"
    if (folder / "modules" / Part.NETWORK.value).is_dir():
        with context.progress.phase("terraform: base"):
            _made_base(cloud, facts, frozenset(), context)
        return
    context.progress.warn(
        "the network was made by an earlier hpcctl on another machine and has no endpoint for S3:"
        " nodes without a public address will not reach /permanent"
    )


def _folder(cloud: Cloud, facts: Facts, context: Context) -> Path:
    return context.home / "base" / f"{facts.account}-{cloud.region}"


def _applied(folder: Path, context: Context) -> None:
    try:
        apply(folder, size=10, context=context)
    except Interrupted as error:
        raise Interrupted(
            "stopped while the network was made that all clusters of this account and region share;"
            " there is no cluster yet",
            hint="the next `hpcctl create` finishes it; what is there of it costs nothing",
        ) from error
