"""What all clusters of one account and region share: looked up by its tags, made once, never destroyed here."""

from __future__ import annotations

from pathlib import Path

from hpcctl import aws
from hpcctl.errors import CloudError
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.terraforming import apply
from hpcctl.locks import locked
from hpcctl.render import BaseRequest, render_base
from hpcctl.spec.model import Base, Cloud, Facts
from hpcctl.workspace import write_files


def ensure_base(cloud: Cloud, facts: Facts, context: Context) -> Base:
    """The base of this account and region, made now if it is the first cluster's turn."""
    found = aws.find_base(cloud, facts.zone)
    if found:
        return found
    key = f"base-{facts.account}-{cloud.region}"
    with locked(context.home / "locks" / f"{key}.lock", verb="create", wait=True, say=context.progress.note):
        found = aws.find_base(cloud, facts.zone)
        return found or _make(
            cloud, facts, context, context.home / "base" / f"{facts.account}-{cloud.region}"
        )


def _make(cloud: Cloud, facts: Facts, context: Context, folder: Path) -> Base:
    with context.progress.phase("terraform: base"):
        leftovers = aws.base_leftovers(cloud, facts.account)
        request = BaseRequest(cloud=cloud, account=facts.account, **leftovers)
        write_files(folder / "terraform", render_base(request))
        apply(folder / "terraform", size=10, context=context)
    made = aws.find_base(cloud, facts.zone)
    if not made:
        raise CloudError(
            f"the zone {facts.zone} has no subnet in hpcctl's base", hint="choose another one with --zone"
        )
    return made
