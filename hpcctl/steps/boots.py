"""Which boot of its system a node is in: the only thing that tells that it has really rebooted."""

from __future__ import annotations

from dataclasses import dataclass

from hpcctl.steps.model import On, Run, Step
from hpcctl.templating import render_template

BOOT_ID = "/proc/sys/kernel/random/boot_id"
REBOOT_SECONDS = 300
FANOUT = 64
_SSH_OPTIONS = (
    "-oIdentitiesOnly=yes -oStrictHostKeyChecking=yes -oBatchMode=yes -oControlPath=none -oConnectTimeout=5"
)


@dataclass(frozen=True, kw_only=True)
class Boot:
    """A node and the id of one boot of it."""

    host: str
    boot_id: str


def boots() -> Step:
    """Every host tells the id of its present boot."""
    return Step(name="boot id", on=On.ALL, actions=(Run(command=f'tell "$(cat {BOOT_ID})"', unless="false"),))


def rebooted(before: tuple[Boot, ...], *, user: str, key_path: str) -> Step:
    """The head asks compute nodes until none is in one of these boots; it tells those that are after REBOOT_SECONDS.

    A node may still answer before it goes down, so this is not for the node itself to wait for.
    """
    options = f"-i {key_path} {_SSH_OPTIONS}"
    command = render_template(
        "steps/rebooted.sh.j2",
        old="\n".join(f"{boot.host} {boot.boot_id}" for boot in before),
        nodes=",".join(boot.host for boot in before),
        fanout=FANOUT,
        user=user,
        options=options,
        boot_id=BOOT_ID,
        seconds=REBOOT_SECONDS,
    )
    return Step(name="reboot", on=On.HEAD, actions=(Run(command=command, unless="false"),))
