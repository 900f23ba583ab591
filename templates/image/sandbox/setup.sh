#!/bin/sh
# Makes of a system that has run install.sh the image of the sandbox's machines. Runs in a chroot; the files it
# puts in place lie in the folder of this script.
set -eu
here=$(dirname "$0")
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

put() { # mode, file here, place
    install -D -m "$1" "$here/$2" "$3"
}

put 755 lib.sh /usr/lib/hpcctl/lib.sh
put 755 network.sh /usr/lib/hpcctl/network
put 755 wake.sh /usr/lib/hpcctl/wake
put 644 hpcctl-network.service /etc/systemd/system/hpcctl-network.service
put 644 hpcctl-wake.service /etc/systemd/system/hpcctl-wake.service
put 644 ssh.conf /etc/systemd/system/ssh.service.d/hpcctl.conf
put 644 system.conf /etc/systemd/system.conf.d/hpcctl.conf
put 644 journald.conf /etc/systemd/journald.conf.d/hpcctl.conf
put 644 cloud.cfg /etc/cloud/cloud.cfg.d/90_hpcctl.cfg
systemctl enable -q hpcctl-network.service hpcctl-wake.service ssh.service
systemctl mask -q systemd-timesyncd.service systemd-resolved.service systemd-networkd.service \
    systemd-networkd-wait-online.service logrotate.timer systemd-pstore.service \
    rpc-statd.service rpc-statd-notify.service nfs-blkmap.service getty@tty1.service \
    sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount dev-hugepages.mount
systemctl set-default -q multi-user.target

# The user of stock Debian images.
useradd --create-home --shell /bin/bash --groups sudo admin
install -d -m 700 -o admin -g admin /home/admin/.ssh
install -m 600 -o admin -g admin /dev/null /home/admin/.ssh/authorized_keys
printf 'admin ALL=(ALL) NOPASSWD:ALL\n' >/etc/sudoers.d/90-admin
chmod 440 /etc/sudoers.d/90-admin

printf 'LABEL=hpcctl-root / ext4 noatime,errors=remount-ro 0 0\n' >/etc/fstab
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' >/etc/hosts
printf 'localhost\n' >/etc/hostname
: >/etc/resolv.conf

cp "$(ls /boot/vmlinuz-* | tail -n 1)" /boot/kernel
cp "$(ls /boot/initrd.img-* | tail -n 1)" /boot/initrd

# Nothing that ought to differ between machines may be in an image.
rm -f /etc/ssh/ssh_host_* /var/lib/dbus/machine-id /var/lib/systemd/random-seed
: >/etc/machine-id
apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/*.log /var/log/apt/* \
    /run/hpcctl
