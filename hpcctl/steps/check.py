"""The acceptance check, as steps: each promise of a cluster is tried on the node that must keep it."""

from __future__ import annotations

from hpcctl.steps.model import On, Run, Step
from hpcctl.steps.view import ClusterView
from hpcctl.templating import render_template


def file_systems(view: ClusterView) -> tuple[Step, ...]:
    """Every node writes to /share and /permanent as the login user and reads it back; other volumes are there."""
    share = _try_to_write(
        "/share", "nfs", "`mount` on the node; `systemctl status nfs-server` on the head", view
    )
    if not view.bucket:
        return (share, *_mounts(view))
    words = f"`journalctl -t s3fs` on the node; its role must reach the bucket {view.bucket}"
    return (share, *_mounts(view), _try_to_write("/permanent", "s3", words, view))


def _mounts(view: ClusterView) -> tuple[Step, ...]:
    """Who may write there is the user's own business: it is enough that they answer."""
    everywhere = [disk.mount for disk in view.disks[1:] if disk.shared] + [efs.mount for efs in view.efs]
    own = [disk.mount for disk in view.disks if not disk.shared]
    return tuple(
        Step(
            name=name,
            on=on,
            actions=(
                Run(command=render_template("steps/check_mounts.sh.j2", points=points), unless="false"),
            ),
            hint="compare `mount` and /etc/fstab on the node, and `lsblk -f` on the head",
        )
        for name, on, points in (("volumes", On.ALL, everywhere), ("head's own volumes", On.HEAD, own))
        if points
    )


def seen_from_head(view: ClusterView) -> Step:
    """What every node has written to /share and /permanent is there on the head, and is then removed."""
    names = [host.name for host in view.hosts]
    points = ("/share", "/permanent") if view.bucket else ("/share",)
    return Step(
        name="files of all nodes",
        on=On.HEAD,
        actions=tuple(
            Run(
                command=render_template("steps/check_seen.sh.j2", folder=_folder(point, view), names=names),
                unless="false",
            )
            for point in points
        ),
        hint="a node writes to a place of its own: compare `mount` on the nodes",
    )


def _folder(point: str, view: ClusterView) -> str:
    return "/share/.hpcctl-check" if point == "/share" else f"/permanent/.hpcctl-check/{view.name}"


def _try_to_write(point: str, name: str, hint: str, view: ClusterView) -> Step:
    script = render_template(
        "steps/check_write.sh.j2", point=point, folder=_folder(point, view), user=view.user
    )
    return Step(name=name, on=On.ALL, actions=(Run(command=script, unless="false"),), hint=hint)
