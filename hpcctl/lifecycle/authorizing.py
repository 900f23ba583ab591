"""Who may log in besides the login user, changed on a cluster that runs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hpcctl.errors import HostsFailed
from hpcctl.lifecycle.configuring import authorize_cluster
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.requiring import require_made, require_running
from hpcctl.spec.authorize import for_seat
from hpcctl.spec.model import Authorized
from hpcctl.spec.seats import seat_number
from hpcctl.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """The users that may log in now, those that are new, and those that no longer may."""

    users: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


def authorize(name: str, authorized: tuple[Authorized, ...], *, context: Context) -> Admitted:
    """Let in those, and nobody else beside the login user; who is left out keeps account and home, and no key.

    Lines for another seat of a class are left aside. Raises UnknownCluster, StateError and HostsFailed for a
    cluster that does not run, HostsFailed where a node could not be told. Safe to repeat.
    """
    workspace = Workspace(home=context.home, name=name)
    with workspace.lock("authorize", wait=context.wait, say=context.progress.note):
        record = workspace.load()
        require_made(record)
        require_running(record)
        before = tuple(dict.fromkeys(one.user for one in record.spec.authorized))
        mine = for_seat(authorized, seat_number(name, record.spec.class_name))
        record = replace(record, spec=replace(record.spec, authorized=mine))
        workspace.save(record)
        outcome = authorize_cluster(workspace, record, context.progress)
    if outcome.failures:
        hint = "the head knows who may log in; the same command, or hpcctl configure, tells the other nodes"
        raise HostsFailed(outcome.failures, hint=hint)
    now = tuple(dict.fromkeys(one.user for one in mine))
    return Admitted(
        users=now,
        added=tuple(user for user in now if user not in before),
        removed=tuple(user for user in before if user not in now),
    )
