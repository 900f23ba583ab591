"""Cleaning up after a service: its own way out, and what is done for one that was killed."""

from __future__ import annotations

import shutil
from pathlib import Path

from hpcctl.sandbox.machines.image import Images
from hpcctl.sandbox.machines.network import reap_switches
from hpcctl.sandbox.machines.process import kill_recorded


def remove_disks(home: Path) -> None:
    """Remove the folders of all machines and volumes."""
    for name in ("machines", "volumes"):
        shutil.rmtree(home / "sandbox" / name, ignore_errors=True)


def reap(home: Path) -> None:
    """Remove what a dead service of this home has left: processes, switches, sockets, disks."""
    machines = home / "sandbox" / "machines"
    if machines.is_dir():
        for folder in machines.iterdir():
            kill_recorded(folder)
    reap_switches(home)
    remove_disks(home)
    Images(home).sweep()
