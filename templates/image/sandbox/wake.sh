#!/bin/bash
# Runs in the machine whose boot is saved, and goes on in every machine that is restored from it. What all of them
# share is made new, then the instance gets its keys and its user data, as cloud-init would do it.
set -u
. /usr/lib/hpcctl/lib.sh
seen=/var/lib/hpcctl/instance

# Read once, a program is in the saved memory, and need not come from the disk in each machine.
warm_up() {
    mkdir -p /run/hpcctl/warm /run/sshd
    ssh-keygen -q -t ed25519 -N '' -f /run/hpcctl/warm/key
    /usr/sbin/sshd -t -h /run/hpcctl/warm/key
    /usr/sbin/sshd -D -o ListenAddress=127.0.0.1 -p 2022 -h /run/hpcctl/warm/key -o PidFile=none &
    ssh -p 2022 -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
        -o ConnectionAttempts=20 nobody@127.0.0.1 true
    kill $!
    wait
    curl -s --max-time 1 http://127.0.0.1/
    perl -e 1
    bash -lc 'sudo -n true; getent passwd admin; id admin; hostname; date; install --version'
    useradd --help
    python3 -c 'import ClusterShell.Task, ClusterShell.Event, subprocess, json, socket, ssl'
    # What a head waits for most: the file server runs in every restored machine, and serves nothing.
    mkdir -p /etc/exports.d && touch /etc/exports.d/hpcctl.exports
    systemctl start nfs-server
    mount_own_export
    rm /etc/exports.d/hpcctl.exports
    for module in fuse overlay; do modprobe $module; done
    for program in s3fs mount.nfs mkfs.ext4 mkfs.xfs mpirun gcc lsblk blkid exportfs rpc.nfsd; do
        cat "$(command -v $program)" >/dev/null
    done
    cat /usr/lib/gridengine/* >/dev/null
    mpirun --allow-run-as-root -np 1 hpcctl-mpi-hello
    rm -rf /run/hpcctl/warm
}

# The client's modules and helpers are loaded by a mount.
mount_own_export() {
    mkdir -p /run/hpcctl/warm/export /run/hpcctl/warm/mount
    exportfs -o rw,fsid=1 127.0.0.1:/run/hpcctl/warm/export
    mount -t nfs4 127.0.0.1:/run/hpcctl/warm/export /run/hpcctl/warm/mount
    umount /run/hpcctl/warm/mount
    exportfs -au
}

# Every restored machine starts with the same state of the random generator.
new_randomness() {
    printf '%s' "$1" >/dev/urandom
    # RNDRESEEDCRNG: use what was just written, now.
    perl -e 'open my $f, ">", "/dev/urandom" or die; ioctl($f, 0x5207, 0) or die $!'
    head -c 512 /dev/urandom >/var/lib/systemd/random-seed
}

new_identity() {
    systemd-id128 new >/etc/machine-id
    rm -f /etc/ssh/ssh_host_*
    ssh-keygen -q -t ed25519 -N '' -C '' -f /etc/ssh/ssh_host_ed25519_key
}

name_host() {
    local name
    fact meta-data/local-hostname || return
    name=${line%%.*}
    printf '%s\n' "$name" >/etc/hostname
    printf '127.0.1.1 %s %s\n' "$line" "$name" >>/etc/hosts
    printf '%s' "$name" >/proc/sys/kernel/hostname
}

install_keys() {
    document meta-data/public-keys/0/openssh-key /home/admin/.ssh/authorized_keys
}

# A script is run as it is; every other kind is cloud-init's business.
run_user_data() {
    local start
    document user-data "$seen/user-data" || return 0
    read -r -n 2 start <"$seen/user-data"
    if [ "$start" = '#!' ]; then
        chmod 700 "$seen/user-data"
        (cd / && exec "$seen/user-data")
    else
        cloud-init init --local
        cloud-init init
        cloud-init modules --mode=config
        cloud-init modules --mode=final
    fi >>/var/log/cloud-init-output.log 2>&1 </dev/null
    echo "user data: exit code $?" >/dev/console
}

show_host_key() {
    {
        echo '-----BEGIN SSH HOST KEY FINGERPRINTS-----'
        ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
        echo '-----END SSH HOST KEY FINGERPRINTS-----'
    } >/dev/console 2>&1
}

# The kernel draws this number once, so all restored machines would show the same.
new_boot_id() {
    cat /proc/sys/kernel/random/uuid >/run/hpcctl/boot-id
    mount --bind /run/hpcctl/boot-id /proc/sys/kernel/random/boot_id
}

grow_root() {
    read -r sectors </sys/class/block/vda/size
    [ "$sectors" = "$saved_sectors" ] || resize2fs /dev/vda
}

find_cards
raise_outer
warm_up >/dev/null 2>&1
systemctl is-system-running --wait >/dev/null
read -r saved_sectors </sys/class/block/vda/size
sync
exec 3<>/dev/virtio-ports/hpcctl.wake
echo ready >&3
while read -r word now seed mac <&3; do [ "$word" = wake ] && break; done

date -s "@$now" >/dev/null
new_randomness "$seed"
new_identity &
ip link set "$private" address "$mac"
get_token && raise_private
fact meta-data/instance-id
seen=$seen/$line
mkdir -p "$seen"
name_host
install_keys
wait
touch /run/hpcctl/awake
# User data may bring a host key; it has half a minute for that, and may run on after SSH answers, as on EC2.
(sleep 30; exec systemctl start ssh.service) &
late=$!
run_user_data
kill $late 2>/dev/null
systemctl start --no-block ssh.service
grow_root
# The first login is what people wait for: the rest leaves the processors to it.
sleep 3
show_host_key
new_boot_id
systemctl restart systemd-journald
