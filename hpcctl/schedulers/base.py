"""What hpcctl asks of a scheduler.

Adding one takes a module here, with the one instance as ``SCHEDULER``, and a folder in templates/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hpcctl.steps.model import Step
    from hpcctl.steps.view import ClusterView


class Scheduler(Protocol):
    """Steps as data, for each moment in the life of a cluster, and what its users read about it.

    ``title`` is what people call it (empty: there is none); ``usage`` are lines for the message after login.
    """

    title: str
    usage: tuple[str, ...]

    def begin(self, view: ClusterView) -> tuple[Step, ...]:
        """On all hosts, before anything that takes time: what may start meanwhile."""

    def configure(self, view: ClusterView) -> tuple[Step, ...]:
        """On all hosts, while file systems are being mounted."""

    def join(self, view: ClusterView) -> tuple[Step, ...]:
        """After every host has been configured."""

    def check(self, view: ClusterView) -> tuple[Step, ...]:
        """Acceptance of each host: fails on the one that is not as it should be."""

    def check_cluster(self, view: ClusterView) -> tuple[Step, ...]:
        """Acceptance of all hosts together, on the head: a job that reaches every host which runs jobs."""

    def leave(self, view: ClusterView, nodes: frozenset[str]) -> tuple[Step, ...]:
        """Before these nodes stop or reboot: running jobs end and are put back, the queue is kept.

        The steps of compute nodes run before those of the head, and on those nodes alone.
        """
