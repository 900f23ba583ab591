"""Lines of /etc/fstab, and what they mount."""

from __future__ import annotations

from hpcctl.steps.model import Action, Run
from hpcctl.templating import quote_shell


def fstab_mount(line: str, *, seconds: int = 0) -> tuple[Action, ...]:
    """Actions that keep one fstab line per mount point, and the file system mounted now and after a reboot.

    A mount that fails is tried again for so many ``seconds``.
    """
    point = line.split()[1]
    quoted_line, quoted_point = quote_shell(line), quote_shell(point)
    return (
        Run(
            command=f"awk -v point={quoted_point} '$2 != point' /etc/fstab >/etc/fstab.hpcctl"
            f" && printf '%s\\n' {quoted_line} >>/etc/fstab.hpcctl"
            " && chmod 0644 /etc/fstab.hpcctl && mv -f /etc/fstab.hpcctl /etc/fstab",
            unless=f"grep -qxF -e {quoted_line} /etc/fstab",
        ),
        mounted(point, seconds=seconds),
    )


def mounted(point: str, *, seconds: int = 0) -> Action:
    """The file system of a mount point that fstab knows is there now."""
    quoted = quote_shell(point)
    return Run(
        # What is there and no mount point is a plain folder, or a mount whose server was replaced (a stale handle).
        command=f"umount -l {quoted} 2>/dev/null || true; mkdir -p {quoted} && retry {seconds:d} mount {quoted}",
        unless=f"mountpoint -q {quoted}",
    )


def mount_unit(point: str) -> str:
    """The name of systemd's unit for a mount point: ``/data/a-b`` is ``data-a\\x2db.mount``."""
    escaped = "".join(
        char if char.isascii() and (char.isalnum() or char in ":_.") else f"\\x{ord(char):02x}"
        for char in point.strip("/").replace("/", "\0")
    )
    return escaped.replace("\\x00", "-") + ".mount"
