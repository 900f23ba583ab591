"""Which boot of its system a node is in: the only thing that tells that it has really rebooted."""

from __future__ import annotations

from dataclasses import dataclass

from hpcctl.steps.model import On, Run, Step, WaitFor
from hpcctl.templating import quote_shell

BOOT_ID = "/proc/sys/kernel/random/boot_id"
REBOOT_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Boot:
    """A node and the id of one boot of it."""

    host: str
    boot_id: str


def boots() -> Step:
    """Every host tells the id of its present boot."""
    return Step(name="boot id", on=On.ALL, actions=(Run(command=f'tell "$(cat {BOOT_ID})"', unless="false"),))


def rebooted(before: tuple[Boot, ...]) -> Step:
    """No compute node is in one of these boots any more."""
    old = quote_shell("\n".join(f"{boot.host} {boot.boot_id}" for boot in before))
    return Step(
        name="reboot",
        on=On.COMPUTE,
        actions=(
            WaitFor(
                condition=f'! grep -qxF -e "$(hostname) $(cat {BOOT_ID})" <<<{old}',
                seconds=REBOOT_SECONDS,
                hint="the system did not restart; its console tells more",
            ),
        ),
    )
