"""A cluster's state and record moved into the team's bucket, and back to one machine.

At every moment one place is the truth: the bucket, if it has the cluster's cluster.json, and otherwise the machine.
So the move is one conditional write of that object, or its removal. All else is copied before that and emptied after
it; until then ``moving`` stands in the record, no other verb touches the cluster, and the same command goes on.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace

from hpcctl.aws.objects import write
from hpcctl.errors import StateError
from hpcctl.files import write_atomically
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.sharing import ensure_state_bucket
from hpcctl.lifecycle.terraforming import settle
from hpcctl.render import BACKEND_FILE, PROFILE_FILE, VALUES_FILE, render_backend, with_state
from hpcctl.spec.model import LOCAL, S3
from hpcctl.spec.shared import MOVE, SEEN, STATE
from hpcctl.state import ClusterRecord
from hpcctl.stores.bundle import gather
from hpcctl.stores.holding import Held, held, holding
from hpcctl.stores.shared import SharedCluster
from hpcctl.stores.team import place_of, shared_cluster
from hpcctl.terraform import find_terraform
from hpcctl.workspace import Workspace, write_files


def move(name: str, *, to: str, context: Context) -> bool:
    """Move the cluster's state and record; False if they are there already. The machines notice nothing.

    Safe to repeat after a failure, and to take back by moving the other way.
    """
    workspace = Workspace(home=context.home, name=name)
    with workspace.lock(MOVE, wait=context.wait, say=context.progress.note):
        record = workspace.load()
        if record.cloud.state == to and not record.moving:
            return False
        settle(workspace.terraform, context=context)
        with context.progress.phase(f"move {name}"), ExitStack() as opened:
            mine = held(workspace.path) or opened.enter_context(_bucket_held(workspace, record, context))
            _carry(workspace, record, to=to, shared=mine.cluster)
    return True


def _bucket_held(
    workspace: Workspace, record: ClusterRecord, context: Context
) -> AbstractContextManager[Held]:
    """The lock in the bucket, for a cluster that this machine's record does not have there."""
    find_terraform(context.home).binary.require_shared_state()
    cloud = replace(record.cloud, state=S3)
    number = record.facts.account if record.facts else None
    ensure_state_bucket(place_of(cloud, number), context)
    shared = shared_cluster(cloud, workspace.name, workspace.path, number)
    return holding(shared, context.home, verb=MOVE, wait=context.wait, say=context.progress.note)


def _carry(workspace: Workspace, record: ClusterRecord, *, to: str, shared: SharedCluster) -> None:
    there = shared.record()
    if there and there.cluster_id != record.cluster_id:
        raise StateError(
            f"the bucket {shared.place.bucket} has another cluster called {workspace.name}",
            hint=f"it was made on {there.created}; one of the two must be terminated first",
        )
    if to == S3:
        if there is None:
            _upload(workspace, record, shared)
        elif there.moving:
            _take_back(there, shared)
        _become_copy(workspace, shared)
    else:
        if there:
            _download(workspace, there, shared)
        _become_own(workspace, shared)


def _upload(workspace: Workspace, record: ClusterRecord, shared: SharedCluster) -> None:
    """The bucket gets everything, and the record last: with it the bucket is the truth."""
    workspace.save(replace(record, moving=S3))
    (workspace.path / SEEN).unlink(missing_ok=True)
    shared.remove_rest()
    state = workspace.terraform / STATE
    if state.exists() and state.stat().st_size:
        write(shared.place, shared.key(STATE), state.read_bytes(), over=None)
    moved = replace(record, moving=None, cloud=replace(record.cloud, state=S3))
    values = (workspace.terraform / VALUES_FILE).read_text(encoding="utf-8")
    changed = {
        **render_backend(moved.cloud, shared.place.account, workspace.name),
        VALUES_FILE: with_state(values, moved.cloud),
    }
    changed.pop(PROFILE_FILE, None)
    shared.push_files({**gather(workspace.path), **{f"terraform/{name}": changed[name] for name in changed}})
    shared.create(moved)


def _take_back(there: ClusterRecord, shared: SharedCluster) -> None:
    """A move out of the bucket that was not finished is not going to be."""
    shared.pull(anyway=True)
    shared.push(replace(there, moving=None))


def _become_copy(workspace: Workspace, shared: SharedCluster) -> None:
    """What was this machine's own goes; its record is the last that changes."""
    for path in workspace.terraform.glob(f"{STATE}*"):
        path.unlink()
    shared.pull(anyway=True)


def _download(workspace: Workspace, there: ClusterRecord, shared: SharedCluster) -> None:
    """This machine gets everything; then the record in the bucket goes: without it the machine is the truth."""
    shared.pull(anyway=True)
    if there.moving != LOCAL:
        shared.push(replace(there, moving=LOCAL))
    state = shared.state()
    if state:
        write_atomically(workspace.terraform / STATE, state.body)
    own = replace(there, moving=LOCAL, cloud=replace(there.cloud, state=LOCAL))
    values = workspace.terraform / VALUES_FILE
    write_files(workspace.terraform, {VALUES_FILE: with_state(values.read_text(encoding="utf-8"), own.cloud)})
    for name in (BACKEND_FILE, PROFILE_FILE):
        (workspace.terraform / name).unlink(missing_ok=True)
    workspace.save(own)
    shared.give_up()


def _become_own(workspace: Workspace, shared: SharedCluster) -> None:
    """The bucket is emptied of the cluster; this machine's record is the last that changes."""
    shared.remove_rest()
    (workspace.path / SEEN).unlink(missing_ok=True)
    workspace.save(replace(workspace.load(), moving=None))
