#!/bin/bash
# The hook of mmdebstrap that makes the image: bake.sh ROOT DESCRIPTOR
# Writes a tar archive of kernel, initrd and root.raw to the open file DESCRIPTOR: in a user namespace this process
# may not write where the caller may. (bash, because sh knows no descriptor above 9.)
set -eu
root=$1 descriptor=$2
recipe=$root/tmp/image
work=$(mktemp -d)
trap 'umount "$work/view" 2>/dev/null || true; rm -rf --one-file-system "$work"' EXIT

echo "step: packages" >&2
printf '127.0.0.1 localhost %s\n' "$(hostname)" >"$root/etc/hosts"
for keyring in "$recipe"/keyrings/*; do
    [ ! -e "$keyring" ] || install -m 644 "$keyring" "$root/etc/apt/trusted.gpg.d/bake-${keyring##*/}"
done
# A mirror behind the certificate of an organisation: what this machine trusts holds while the image is made.
if [ -s "$recipe/ca.crt" ]; then
    printf 'Acquire::https::CaInfo "/tmp/image/ca.crt";\n' >"$root/etc/apt/apt.conf.d/98bake"
fi
chroot "$root" sh /tmp/image/install.sh
echo "step: system" >&2
chroot "$root" sh /tmp/image/sandbox/setup.sh
rm -rf "$recipe" "$root"/etc/apt/trusted.gpg.d/bake-* "$root/etc/apt/apt.conf.d/98bake" \
    "$root/etc/apt/apt.conf.d/99mmdebstrap" "$root/etc/dpkg/dpkg.cfg.d/98bake"

echo "step: disk" >&2
# A view without what is mounted in the new system (proc, sys, dev).
mkdir "$work/view"
mount --bind "$root" "$work/view"
mv "$root/boot/kernel" "$root/boot/initrd" "$work/"
truncate -s 8G "$work/root.raw"
# An empty file is zeroes already; older versions of mkfs cannot be told, and write them.
for options in lazy_itable_init=0,lazy_journal_init=0,assume_storage_prezeroed=1 lazy_itable_init=0; do
    mkfs.ext4 -q -F -L hpcctl-root -m 1 -E "$options" -d "$work/view" "$work/root.raw" && break
done
tar --sparse -C "$work" -cf - kernel initrd root.raw >&"$descriptor"
