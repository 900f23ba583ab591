"""Instances as QEMU virtual machines: image, saved boot, networks, disks. The way in is ``fleet.QemuMachines``."""
