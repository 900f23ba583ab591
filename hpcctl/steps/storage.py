"""File systems: the head's volumes and /home by NFS 4, EFS, /permanent from S3, /scratch on a node's own disk."""

from __future__ import annotations

from hpcctl.spec.model import LOGIN_UID
from hpcctl.steps.fstab import fstab_mount, mount_unit, mounted
from hpcctl.steps.model import On, Put, Run, Step, WaitFor, WhenChanged
from hpcctl.steps.view import ClusterView, Disk
from hpcctl.templating import quote_shell, render_template

FUNCTIONS = "/usr/lib/hpcctl/volumes.sh"

NFS = "nfs4 rw,hard,noatime,_netdev,nofail,x-systemd.mount-timeout=120s 0 0"
LABEL_LENGTH = 12
"""XFS takes no longer ones."""

EFS = "nfs4 nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport,_netdev,nofail 0 0"
"""As Amazon recommends them; the others are ours for every mount."""


def volumes(view: ClusterView) -> tuple[Step, ...]:
    """The EBS volumes on the head, /share first: what is blank gets a file system, what is not is left as it is."""
    return tuple(_volume(disk) for disk in view.disks)


def _volume(disk: Disk) -> Step:
    volume = (disk.volume_id.replace("vol-", "vol"), disk.device, disk.mount)
    label = f"hpcctl-{disk.name}"[:LABEL_LENGTH]
    return Step(
        name=f"{disk.name} volume",
        on=On.HEAD,
        actions=(
            Put(path=FUNCTIONS, content=render_template("steps/volumes.sh")),
            WaitFor(
                condition=_call("disk_of", *volume[:2]),
                seconds=120,
                hint=f"the volume {disk.volume_id} is not attached to the head",
            ),
            Run(
                command=_call("mount_volume", *volume, disk.file_system, label),
                unless=_call("volume_listed", *volume),
            ),
            mounted(disk.mount),
            # A volume that began as a smaller snapshot, or was enlarged since.
            *(
                (Run(command=_call("grow_volume", *volume), unless=_call("volume_full", *volume)),)
                if disk.grows
                else ()
            ),
        ),
        hint="look at `lsblk -f` on the head",
    )


def _call(function: str, *words: str) -> str:
    return " ".join([f". {FUNCTIONS};", function, *map(quote_shell, words)])


def homes() -> Step:
    """/home is /share/home. What was in /home before (the image's own users) moves along."""
    return Step(
        name="homes",
        on=On.HEAD,
        actions=(
            Run(
                command="rm -rf /share/home.new && cp -a /home /share/home.new"
                " && mv -T /share/home.new /share/home",
                unless="test -d /share/home",
            ),
            *fstab_mount("/share/home /home none bind,nofail,x-systemd.requires-mounts-for=/share 0 0"),
        ),
    )


def exports(view: ClusterView) -> Step:
    """The head serves /share, and what else is shared, to the nodes of this cluster and to nobody else."""
    threads = max(16, min(256, len(view.hosts)))
    shared = [disk for disk in view.disks if disk.shared]
    units = [mount_unit(disk.mount) for disk in shared if disk is not view.share]
    return Step(
        name="nfs server",
        on=On.HEAD,
        actions=(
            Put(
                path="/etc/nfs.conf.d/hpcctl.conf",
                content=render_template("steps/nfs.conf.j2", threads=threads),
            ),
            Put(
                path="/etc/exports.d/hpcctl.exports",
                content=render_template("steps/exports.j2", hosts=view.compute, disks=shared),
            ),
            Put(
                path="/etc/systemd/system/nfs-server.service.d/hpcctl.conf",
                content=render_template("steps/nfs_unit.j2", units=units),
            ),
            Run(command="chmod 1777 /share", unless="[ $(stat -c %a /share) = 1777 ]"),
            Run(command="systemctl start nfs-server", unless="systemctl is-active -q nfs-server"),
            Run(command=f"rpc.nfsd {threads}", unless=f"[ $(cat /proc/fs/nfsd/threads) = {threads} ]"),
            WhenChanged(command="exportfs -ra"),
        ),
    )


def nfs_mounts(view: ClusterView) -> Step:
    """The head's /share, /share/home (as /home) and other shared volumes on a compute node."""
    head = view.head.name
    points = [(disk.mount, disk.mount) for disk in view.disks if disk.shared]
    points.insert(1, ("/share/home", "/home"))
    return Step(
        name="nfs mounts",
        on=On.COMPUTE,
        actions=(
            WaitFor(
                condition=f": </dev/tcp/{head}/2049",
                seconds=300,
                hint="the head serves no NFS; see its step 'nfs server'",
            ),
            # The server answers a moment before the export and the homes are there.
            *(
                action
                for source, point in points
                for action in fstab_mount(f"{head}:{source} {point} {NFS}", seconds=60)
            ),
        ),
    )


def efs_mounts(view: ClusterView) -> tuple[Step, ...]:
    """File systems of EFS, on all nodes."""
    return tuple(
        Step(
            name=f"{efs.name} (EFS)",
            on=On.ALL,
            actions=fstab_mount(f"{efs.address}:/ {efs.mount} {EFS}", seconds=30),
            hint=f"has {efs.address} a mount target in this zone, and does its security group let the nodes in"
            " (port 2049)?",
        )
        for efs in view.efs
    )


def permanent(view: ClusterView) -> tuple[Step, ...]:
    """The bucket at /permanent, with the credentials of the node's own role; nothing where there is no bucket."""
    if not view.bucket:
        return ()
    options = [
        f"uid={LOGIN_UID},gid={LOGIN_UID},umask=0002,mp_umask=0002",
        # What another node wrote shows after seconds, not after s3fs's default of a quarter of an hour.
        "stat_cache_expire=5",
        f"endpoint={view.region}",
        f"url={view.s3_url},use_path_request_style"
        if view.s3_url
        else f"url=https://s3.{view.region}.{aws_suffix(view.region)}",
    ]
    functions = render_template(
        "steps/permanent.sh.j2",
        before=f"{view.bucket} /permanent fuse.s3fs _netdev,nofail,allow_other,iam_role=",
        after=f",{','.join(options)} 0 0",
    )
    return (
        Step(
            name="permanent",
            on=On.ALL,
            actions=(Run(command=functions + "list", unless=functions + "listed"), mounted("/permanent")),
            hint=f"the node's role must be able to list, read and write the bucket {view.bucket}",
        ),
    )


def scratch() -> Step:
    """/scratch on the node's own disk, for everybody."""
    return Step(
        name="scratch",
        on=On.ALL,
        actions=(
            Run(
                command="install -d -m 1777 /scratch", unless="[ $(stat -c %a /scratch 2>/dev/null) = 1777 ]"
            ),
        ),
    )


def let_go(view: ClusterView, on: On) -> Step:
    """Before a node stops: written data go to the servers, to S3 and to the disks, then the mounts are undone.

    The head keeps its volumes: its own system unmounts them, after the last user.
    """
    points = ["/permanent"] if view.bucket else []
    points += [efs.mount for efs in view.efs]
    if on is On.COMPUTE:
        points += [disk.mount for disk in reversed(view.disks[1:]) if disk.shared]
        points += ["/home", "/share"]
    return Step(
        name="file systems",
        on=on,
        actions=(Run(command=render_template("steps/let_go.sh.j2", points=points), unless="false"),),
        hint="the system writes out what is left when it shuts down",
    )


def aws_suffix(region: str) -> str:
    """The end of the names of AWS's services in a region."""
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
