"""What hpcctl asks of a scheduler.

Adding one takes a module here, a folder in templates/ and a line in ``__init__``.
"""

from __future__ import annotations

from typing import Protocol

from hpcctl.steps.model import Step
from hpcctl.steps.view import ClusterView


class Scheduler(Protocol):
    """Steps as data, for each moment in the life of a cluster."""

    name: str

    def begin(self, view: ClusterView) -> tuple[Step, ...]:
        """On all hosts, before anything that takes time: what may start meanwhile."""

    def configure(self, view: ClusterView) -> tuple[Step, ...]:
        """On all hosts, while file systems are being mounted."""

    def join(self, view: ClusterView) -> tuple[Step, ...]:
        """After every host has been configured."""

    def check(self, view: ClusterView) -> tuple[Step, ...]:
        """Acceptance: fails on the host that is not as it should be."""

    def leave(self, view: ClusterView, nodes: frozenset[str]) -> tuple[Step, ...]:
        """Before these nodes stop or reboot: running jobs end and are put back, the queue is kept.

        The steps of compute nodes run before those of the head, and on those nodes alone.
        """
