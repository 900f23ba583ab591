#!/bin/sh
# Installs what a node of a cluster needs on Debian 12: SSH, NFS, SGE, Open MPI, s3fs, ClusterShell and compilers.
#
# One script for every place: a stock machine at its first boot (as root, from user data), the making of a machine
# image, and the image of the sandbox (in a chroot). It never asks, may run again at any time, and ends at once
# where everything is there.
set -eu

version=1
stamp=/etc/hpcctl/image-version
[ "$(cat $stamp 2>/dev/null || true)" = "$version" ] && exit 0
[ "$(id -u)" = 0 ] || { echo "install.sh: must run as root" >&2; exit 1; }

export DEBIAN_FRONTEND=noninteractive LC_ALL=C

# The mail agent is dma because mailx asks for one and this has no daemon.
packages="
    openssh-server sudo ca-certificates curl jq rsync less nano vim-tiny htop psmisc procps file bash-completion
    iproute2 iputils-ping netbase dbus nfs-kernel-server nfs-common xfsprogs e2fsprogs dma
    gridengine-master gridengine-client gridengine-exec
    openmpi-bin libopenmpi-dev gcc g++ gfortran make
    fuse3 s3fs clustershell python3"

# No daemon may start while packages are unpacked: SGE's would start a cell with this host's name in it.
hold_daemons() {
    [ -e /usr/sbin/policy-rc.d ] && return 0
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
}

# The post-install script of gridengine-master fails where the host does not know its own name.
resolve_own_name() {
    getent hosts "$(hostname)" >/dev/null || printf '127.0.1.1 %s\n' "$(hostname)" >>/etc/hosts
}

answer_questions() {
    debconf-set-selections <<-'ANSWERS'
	gridengine-common shared/gridenginemaster string localhost
	gridengine-common shared/gridenginecell string default
	gridengine-common shared/gridengineconfig boolean false
	gridengine-client shared/gridenginemaster string localhost
	gridengine-client shared/gridenginecell string default
	gridengine-client shared/gridengineconfig boolean false
	dma dma/mailname string localhost
	dma dma/relayhost string
	ANSWERS
}

# At the first boot of a stock machine, another apt may hold the lock, and the network may still be coming up.
apt() {
    apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=5 -o APT::Install-Recommends=false \
        -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 -qq "$@"
}

# An empty cell: the packages' own would carry this host's name, and making one takes seconds on every head.
make_cell() {
    spool=/var/spool/gridengine cell=/var/lib/gridengine/default
    rm -rf "$cell" "$spool/spooldb" "$spool/qmaster" "$spool/execd"
    install -d -o sgeadmin -g sgeadmin "$cell" "$cell/common" "$spool" "$spool/spooldb" "$spool/execd" \
        "$spool/qmaster" "$spool/qmaster/job_scripts"
    install -m 644 -o sgeadmin -g sgeadmin /usr/share/gridengine/default-bootstrap "$cell/common/bootstrap"
    runuser -u sgeadmin -- /usr/share/gridengine/scripts/init_cluster \
        /var/lib/gridengine default "$spool/spooldb" sgeadmin >/dev/null
}

# The packages have System V scripts alone. These units start at every boot, once the node has its place in a cluster.
# A job outlives the daemon that started it (KillMode).
grid_engine_unit() { # unit, program, description, file that says so
    cat >"/etc/systemd/system/$1.service" <<-UNIT
	[Unit]
	Description=$3
	Documentation=man:$2(8)
	After=network-online.target nss-lookup.target remote-fs.target
	Wants=network-online.target
	ConditionPathExists=/var/lib/gridengine/default/common/$4

	[Service]
	Environment=SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_ND=1
	ExecStart=/usr/lib/gridengine/$2
	KillMode=process
	Restart=on-failure

	[Install]
	WantedBy=multi-user.target
	UNIT
    systemctl enable -q "$1.service"
}

# Daemons wait until their node has its place in a cluster.
hold_back() {
    grid_engine_unit gridengine-master sge_qmaster "Grid Engine master" master
    grid_engine_unit gridengine-exec sge_execd "Grid Engine execution daemon" act_qmaster
    mkdir -p /etc/systemd/system/nfs-server.service.d /etc/nfs.conf.d
    printf '[Unit]\nConditionPathExists=/etc/exports.d/hpcctl.exports\n' \
        >/etc/systemd/system/nfs-server.service.d/hpcctl.conf
    # NFS 4 only: no rpcbind, one port.
    printf '[nfsd]\nvers3 = n\nthreads = 16\n' >/etc/nfs.conf.d/hpcctl.conf
    systemctl enable -q nfs-server.service
}

# What slows a boot or works against a batch system: timers that wake up in the middle of a job.
quieten() {
    systemctl mask -q apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service \
        man-db.timer dpkg-db-backup.timer fstrim.timer rpcbind.service rpcbind.socket getty-static.service
}

# The MPI program of the acceptance check: a line from each rank.
build_hello() {
    mpicc -O1 -x c -o /usr/local/bin/hpcctl-mpi-hello - <<-'SOURCE'
	#include <mpi.h>
	#include <stdio.h>
	int main(int argc, char **argv)
	{
	    char host[MPI_MAX_PROCESSOR_NAME];
	    int rank, size, length;
	    MPI_Init(&argc, &argv);
	    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	    MPI_Comm_size(MPI_COMM_WORLD, &size);
	    MPI_Get_processor_name(host, &length);
	    printf("rank %d of %d on %s\n", rank, size, host);
	    return MPI_Finalize();
	}
	SOURCE
}

settle() {
    # Users reach /permanent, which root mounts.
    grep -qx user_allow_other /etc/fuse.conf 2>/dev/null || echo user_allow_other >>/etc/fuse.conf
    mkdir -p /etc/hpcctl
    printf '%s\n' "$version" >$stamp
}

hold_daemons
resolve_own_name
answer_questions
apt update
# shellcheck disable=SC2086
apt install $packages
make_cell
hold_back
quieten
build_hello
settle
