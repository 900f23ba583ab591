"""File systems: /share and /home from the head by NFS 4, /permanent from S3, /scratch on a node's own disk."""

from __future__ import annotations

from hpcctl.spec.model import LOGIN_UID
from hpcctl.steps.fstab import fstab_mount
from hpcctl.steps.model import On, Put, Run, Step, WaitFor, WhenChanged
from hpcctl.steps.view import ClusterView
from hpcctl.templating import render_template

LABEL = "hpcctl-share"


def share_volume(view: ClusterView) -> Step:
    """The EBS volume at /share on the head: formatted only when there is nothing on it."""
    serial = view.share_volume_id.replace("vol-", "vol")
    return Step(
        name="share volume",
        on=On.HEAD,
        actions=(
            WaitFor(
                condition=render_template("steps/share_disk.sh.j2", serial=serial) + "share_disk",
                seconds=120,
                hint=f"the volume {view.share_volume_id} is not attached to the head",
            ),
            Run(
                command=render_template("steps/mkfs_share.sh.j2", serial=serial, label=LABEL),
                unless=f"blkid -L {LABEL}",
            ),
            *fstab_mount(
                f"LABEL={LABEL} /share ext4 defaults,nofail,x-systemd.device-timeout=300s 0 2",
            ),
        ),
        hint="look at `lsblk -f` on the head",
    )


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
    """The head serves /share to the nodes of this cluster and to nobody else."""
    threads = max(16, min(256, len(view.hosts)))
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
                content=render_template("steps/exports.j2", hosts=view.compute),
            ),
            # At a boot the server must find /share mounted: an export of the bare folder hangs the clients for good.
            Put(
                path="/etc/systemd/system/nfs-server.service.d/hpcctl.conf",
                content="[Unit]\nRequiresMountsFor=/share\n",
            ),
            Run(command="chmod 1777 /share", unless="[ $(stat -c %a /share) = 1777 ]"),
            Run(command="systemctl start nfs-server", unless="systemctl is-active -q nfs-server"),
            Run(command=f"rpc.nfsd {threads}", unless=f"[ $(cat /proc/fs/nfsd/threads) = {threads} ]"),
            WhenChanged(command="exportfs -ra"),
        ),
    )


def nfs_mounts(view: ClusterView) -> Step:
    """The head's /share and /share/home (as /home) on a compute node."""
    head = view.head.name
    options = "nfs4 rw,hard,noatime,_netdev,nofail,x-systemd.mount-timeout=120s 0 0"
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
            *fstab_mount(f"{head}:/share /share {options}", seconds=60),
            *fstab_mount(f"{head}:/share/home /home {options}", seconds=60),
        ),
    )


def permanent(view: ClusterView) -> Step:
    """The bucket at /permanent, with the credentials of the node's own role."""
    options = [
        # By name: s3fs 1.90 asks for the name without a token, which IMDSv2 refuses.
        f"_netdev,nofail,allow_other,iam_role={view.role}",
        f"uid={LOGIN_UID},gid={LOGIN_UID},umask=0002,mp_umask=0002",
        # What another node wrote shows after seconds, not after s3fs's default of a quarter of an hour.
        "stat_cache_expire=5",
        f"endpoint={view.region}",
        f"url={view.s3_url},use_path_request_style"
        if view.s3_url
        else f"url=https://s3.{view.region}.amazonaws.com",
    ]
    return Step(
        name="permanent",
        on=On.ALL,
        actions=fstab_mount(f"{view.bucket} /permanent fuse.s3fs {','.join(options)} 0 0"),
        hint=f"the node's role must be able to list, read and write the bucket {view.bucket}",
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


def let_go(on: On) -> Step:
    """Before a node stops: written data go to the server, to S3 and to the disks, then the mounts are undone.

    The head keeps /share: its own system unmounts it, after the last user.
    """
    points = ("/permanent", "/home", "/share") if on is On.COMPUTE else ("/permanent",)
    return Step(
        name="file systems",
        on=on,
        actions=(Run(command=render_template("steps/let_go.sh.j2", points=points), unless="false"),),
        hint="the system writes out what is left when it shuts down",
    )
