"""A workspace that was lost or damaged, made again from what the account says; Terraform then plans no change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from hpcctl.aws import InstanceState, instances, instances_of
from hpcctl.aws.remains import Remains, remains_of
from hpcctl.errors import HpcctlError, Interrupted, StateError, UnknownCluster
from hpcctl.keys import public_half
from hpcctl.lifecycle.access import take_over
from hpcctl.lifecycle.adopting import adopted, attachments_of
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.damage import Damage, damage_of, values_of
from hpcctl.lifecycle.rebuilding import (
    LoginKeys,
    login_keys,
    rebuilt_folder,
    rebuilt_record,
)
from hpcctl.lifecycle.sharing import ensure_state_bucket, require_unshared
from hpcctl.lifecycle.terraforming import planned_changes, settle
from hpcctl.spec.model import S3, Cloud
from hpcctl.spec.tags import CLUSTER_TAG
from hpcctl.state import ClusterRecord, Phase
from hpcctl.stores.copies import record_in
from hpcctl.stores.team import place_of
from hpcctl.workspace import Workspace, write_files


@dataclass(frozen=True, kw_only=True)
class RecoverRequest:
    """``cloud`` is asked where to look if nothing here says it; ``cluster_id`` chooses among several of one name."""

    name: str
    cloud: Callable[[], Cloud]
    cluster_id: str | None = None
    force: bool = False


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """What was lost and is there again; what Terraform would change all the same; nodes that exist no more.

    ``access`` are keys that were lost here, which no account has; ``shut_out`` says why the machines did not give
    them back.
    """

    record: ClusterRecord
    files: tuple[str, ...]
    resources: tuple[str, ...]
    access: tuple[str, ...] = ()
    shut_out: str = ""
    planned: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def nothing_was_lost(self) -> bool:
        """Was everything there already?"""
        return not (self.files or self.resources or self.access)


def recover(request: RecoverRequest, *, context: Context) -> Recovered:
    """Write down again what was lost, and let Terraform know all that exists. Safe to repeat.

    Raises UnknownCluster where the account has nothing of that name, StateError where it has several of them, or
    where the cluster is in a team's bucket and the profile does not share.
    """
    workspace = _workspace(request, context)
    with workspace.lock("recover", wait=context.wait, say=context.progress.note):
        if workspace.terraform.is_dir():
            settle(workspace.terraform, context=context)
        damage = damage_of(workspace)
        if damage.record and not damage.files and not request.force:
            record = damage.record
            if record.cloud.state == S3:
                workspace.save(record)  # it may be in the bucket that it was lost
        else:
            record = _written_again(workspace, request, damage, context)
        with context.progress.phase("terraform: what the cluster has"):
            resources = adopted(workspace, record, context)
        found = Recovered(record=record, files=damage.files, resources=resources, access=damage.access)
        if found.files or found.resources or request.force:
            found = _checked(workspace, found, context)
        return _let_in(workspace, found, context) if found.access else found


def _let_in(workspace: Workspace, found: Recovered, context: Context) -> Recovered:
    """New keys for this machine, by EC2 Instance Connect. A head that does not answer is no reason to lose the rest."""
    if found.record.phase is Phase.TERMINATING:
        return found
    try:
        take_over(workspace, found.record, context)
    except Interrupted:
        raise
    except HpcctlError as error:
        return replace(found, shut_out=error.message)
    return found


def _workspace(request: RecoverRequest, context: Context) -> Workspace:
    """Of a cluster that nothing here knows, with the cloud to look in, which says whether it is to be shared."""
    workspace = Workspace(home=context.home, name=request.name)
    with suppress(StateError):  # what is lost here may be in a bucket
        workspace.current()
    record = record_in(workspace.path)
    cloud = None if workspace.path.exists() else request.cloud()
    lies_in = record.cloud if record else cloud
    if lies_in and lies_in.state == S3:
        ensure_state_bucket(place_of(lies_in), context)
    return replace(workspace, cloud=cloud)


def _checked(workspace: Workspace, found: Recovered, context: Context) -> Recovered:
    """With what a plan says; a cluster that can only be taken away needs none."""
    if found.record.phase is Phase.TERMINATING:
        return found
    present = {one.node for one in instances_of(found.record.cloud, found.record.cluster_id)}
    missing = tuple(name for name in found.record.node_names if name not in present)
    with context.progress.phase("terraform: plan"):
        planned = planned_changes(
            workspace.terraform,
            attachments_of(found.record),
            size=found.record.spec.nodes,
            context=context,
        )
    return replace(found, planned=planned, missing=missing)


def _written_again(
    workspace: Workspace, request: RecoverRequest, damage: Damage, context: Context
) -> ClusterRecord:
    """The files anew, the record last: killed in between, the same command begins again."""
    with context.progress.phase("asking the account"):
        cloud = damage.record.cloud if damage.record else request.cloud()
        remains = _remains(workspace, request, damage, cloud)
        record = damage.record or rebuilt_record(request.name, cloud, remains)
        require_unshared(workspace, record, context)
    folder = rebuilt_folder(record, _keys(workspace, record, remains), values_of(workspace))
    _put_public_halves(workspace)
    if folder.bootstrap_hosts:
        write_files(workspace.path / "ssh", {"bootstrap_hosts": folder.bootstrap_hosts})
    write_files(workspace.terraform, folder.files)
    workspace.save(record)
    return record


def _remains(workspace: Workspace, request: RecoverRequest, damage: Damage, cloud: Cloud) -> Remains:
    known = damage.record.cluster_id if damage.record else _known_id(workspace)
    cluster_id = request.cluster_id or known or _chosen(request, cloud, instances(cloud, request.name))
    remains = remains_of(cloud, cluster_id)
    if remains is None:
        raise _nothing_left(workspace, request, cloud)
    if dict(remains.tags).get(CLUSTER_TAG) != request.name:
        raise StateError(
            f"the cluster with the id {cluster_id} is not called {request.name}", hint="hpcctl recover --help"
        )
    return remains


def _known_id(workspace: Workspace) -> str | None:
    """What Terraform was given is worth as much as the record."""
    found = values_of(workspace).get("cluster_id")
    return found if isinstance(found, str) else None


def _chosen(request: RecoverRequest, cloud: Cloud, present: Sequence[InstanceState]) -> str:
    """The one id that this name has; the user's own where others have the name as well."""
    ids = {one.cluster_id: one for one in present if one.cluster_id}
    own = {id_: one for id_, one in ids.items() if one.owner == cloud.owner}
    if len(own) == 1:
        return next(iter(own))
    if not ids:
        raise _nothing_left(None, request, cloud)
    listed = ", ".join(f"{id_} (of {one.owner or 'somebody'})" for id_, one in sorted(ids.items()))
    raise StateError(
        f"which {request.name}? The account has: {listed}",
        hint=f"hpcctl recover --id {next(iter(sorted(ids)))} {request.name}",
    )


def _nothing_left(workspace: Workspace | None, request: RecoverRequest, cloud: Cloud) -> StateError:
    where = f"the account of the profile {cloud.profile}, {cloud.region}"
    if workspace and workspace.path.exists():
        return StateError(
            f"no machine of {request.name} exists in {where}",
            hint=f"what else is left there: hpcctl doctor --orphans; then remove the folder {workspace.path}",
        )
    return UnknownCluster(
        f"there is no cluster called {request.name} in {where}",
        hint="another place: --profile and --region; hpcctl doctor --orphans lists what is there",
    )


def _keys(workspace: Workspace, record: ClusterRecord, remains: Remains) -> LoginKeys:
    """Those that machines let in which are made anew; the files here come first."""
    name, user = record.spec.name, record.spec.user
    found = login_keys(name, user, remains.first_boot, key_pair=remains.login_key)
    here = _public(workspace.cluster_key)
    return replace(found, internal=f"{here} {user}@{name}") if here else found


def _put_public_halves(workspace: Workspace) -> None:
    """Beside each private key that is left."""
    for path in (workspace.identity, workspace.cluster_key):
        public = path.with_suffix(".pub")
        half = _public(path)
        if half and not public.is_file():
            write_files(path.parent, {public.name: f"{half} hpcctl-{workspace.name}\n"})


def _public(path: Path) -> str | None:
    try:
        return public_half(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
