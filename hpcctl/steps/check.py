"""The acceptance check, as steps: each promise of a cluster is tried on the node that must keep it."""

from __future__ import annotations

from hpcctl.steps.model import On, Run, Step
from hpcctl.steps.view import ClusterView
from hpcctl.templating import render_template


def file_systems(view: ClusterView) -> tuple[Step, ...]:
    """Every node writes to /share and /permanent as the login user and reads it back."""
    return (
        _try_to_write(
            "/share", "nfs", "`mount` on the node; `systemctl status nfs-server` on the head", view
        ),
        _try_to_write(
            "/permanent",
            "s3",
            f"`journalctl -t s3fs` on the node; its role must reach the bucket {view.bucket}",
            view,
        ),
    )


def seen_from_head(view: ClusterView) -> Step:
    """What every node has written to /share and /permanent is there on the head, and is then removed."""
    names = [host.name for host in view.hosts]
    return Step(
        name="files of all nodes",
        on=On.HEAD,
        actions=tuple(
            Run(
                command=render_template("steps/check_seen.sh.j2", folder=_folder(point, view), names=names),
                unless="false",
            )
            for point in ("/share", "/permanent")
        ),
        hint="a node writes to a place of its own: compare `mount` on the nodes",
    )


def mpi_job(view: ClusterView) -> Step:
    """One rank on every node, through the scheduler; the output names every node."""
    names = [host.name for host in view.hosts]
    script = render_template("steps/check_mpi.sh.j2", user=view.user, count=len(view.hosts), names=names)
    return Step(
        name="mpi job",
        on=On.HEAD,
        actions=(Run(command=script, unless="false"),),
        hint="`qstat -f -explain aAcE` on the head shows the queue; a busy queue makes the job wait",
    )


def _folder(point: str, view: ClusterView) -> str:
    return "/share/.hpcctl-check" if point == "/share" else f"/permanent/.hpcctl-check/{view.name}"


def _try_to_write(point: str, name: str, hint: str, view: ClusterView) -> Step:
    script = render_template(
        "steps/check_write.sh.j2", point=point, folder=_folder(point, view), user=view.user
    )
    return Step(name=name, on=On.ALL, actions=(Run(command=script, unless="false"),), hint=hint)
