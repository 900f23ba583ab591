"""The bucket that a team's clusters are written down in: made once for an account and region, never destroyed."""

from __future__ import annotations

from hpcctl.aws import preflight
from hpcctl.aws.base import bucket_exists
from hpcctl.aws.objects import Place, is_complete
from hpcctl.errors import CloudError, Interrupted, StateError, TerraformError
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.terraforming import apply, settle
from hpcctl.locks import locked
from hpcctl.modules import check_root
from hpcctl.render import render_state_bucket
from hpcctl.spec.model import S3, Cloud, ClusterSpec
from hpcctl.state import ClusterRecord
from hpcctl.stores.copies import CONFIG
from hpcctl.stores.team import place_of, shared_cluster, shared_names
from hpcctl.terraform import find_terraform
from hpcctl.workspace import Workspace, write_files


def prepare_sharing(spec: ClusterSpec, cloud: Cloud, context: Context) -> None:
    """Before the first shared cluster of an account is locked: its bucket. Nothing where clusters are not shared."""
    if cloud.state != S3:
        return
    find_terraform(context.home).binary.require_shared_state()
    place = place_of(cloud)
    if not is_complete(place):
        preflight(spec, cloud, progress=context.progress)  # a wrong request must not make anything
        ensure_state_bucket(place, context)


def ensure_state_bucket(place: Place, context: Context) -> None:
    """The bucket with its versions, its encryption and its policy, made or finished now if it is not complete."""
    lock = context.home / "locks" / f"state-{place.account}-{place.cloud.region}.lock"
    with locked(lock, verb="create", wait=True, say=context.progress.note):
        if not is_complete(place):
            _make(place, context)


def require_unshared(workspace: Workspace, record: ClusterRecord, context: Context) -> None:
    """StateError where the bucket has the cluster of a ``record`` that would be this machine's alone.

    No lock of a colleague's would hold off who works by such a second record.
    """
    if record.cloud.state == S3 or record.facts is None:
        return
    found = shared_names(record.cloud, record.facts.account)
    if found.problem:
        context.progress.note(f"whether {workspace.name} is shared could not be seen: {found.problem}")
    if workspace.name not in found.names:
        return
    cluster = shared_cluster(record.cloud, workspace.name, workspace.path, record.facts.account)
    theirs = cluster.record()
    if theirs.cluster_id == record.cluster_id if theirs else cluster.has_resources():
        raise StateError(
            f"{workspace.name} is shared: its record is in the bucket {cluster.place.bucket}, "
            f"and the profile {record.cloud.profile} would make a second one, of this machine alone",
            hint=f'put state = "s3" into the profile {record.cloud.profile} in {context.home / CONFIG}, '
            f"or take one that has it: hpcctl --profile PROFILE recover {workspace.name}",
        )


def _make(place: Place, context: Context) -> None:
    cloud = place.cloud
    folder = context.home / "state" / f"{place.account}-{cloud.region}" / "terraform"
    with context.progress.phase("terraform: bucket for shared clusters"):
        settle(folder, context=context)
        exists = bucket_exists(cloud, place.bucket)
        files = render_state_bucket(cloud, place.account, bucket_exists=exists)
        check_root(files)
        write_files(folder, files)
        try:
            apply(folder, size=4, context=context)
        except Interrupted as error:
            raise Interrupted(
                f"stopped while the bucket {place.bucket} was made; there is no cluster yet",
                hint="the next `hpcctl create` finishes it; what is there of it costs nothing",
            ) from error
        except TerraformError:
            if not is_complete(place):  # a colleague may have made it at the same moment
                raise
    if not is_complete(place):
        raise CloudError(
            f"the bucket {place.bucket} was made, and does not show its settings yet",
            hint="try again in a minute",
        )
