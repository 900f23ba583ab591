#!/bin/sh
# mmdebstrap runs this before the kernel is installed: prepare.sh ROOT
set -eu
# A small initrd, packed quickly: the root disk and the cards are all it must know.
mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"
printf 'MODULES=list\nCOMPRESS=lz4\nFSTYPE=ext4\nRESUME=none\n' >"$1/etc/initramfs-tools/conf.d/hpcctl"
printf '%s\n' virtio_pci virtio_blk virtio_net virtio_console virtio_rng \
    >"$1/usr/share/initramfs-tools/modules.d/hpcctl"
# Nothing is lost if the power fails: the image is made again.
echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/98bake"
