"""No scheduler: no daemon runs, MPI starts its processes over ssh by the hostfile."""

from __future__ import annotations

from hpcctl.schedulers.base import Scheduler
from hpcctl.steps.model import On, Run, Step
from hpcctl.steps.view import ClusterView
from hpcctl.templating import render_template


class NoScheduler:
    """Whoever logs in shares the machines with the others by word of mouth."""

    title = ""
    usage: tuple[str, ...] = (
        "/etc/hpcctl/hostfile   the nodes, for   mpirun --hostfile /etc/hpcctl/hostfile -npernode 1 PROGRAM",
    )

    def begin(self, view: ClusterView) -> tuple[Step, ...]:
        """Nothing starts."""
        return ()

    def configure(self, view: ClusterView) -> tuple[Step, ...]:
        """The hostfile is there for every cluster."""
        return ()

    def join(self, view: ClusterView) -> tuple[Step, ...]:
        """Nobody is told of anybody."""
        return ()

    def check(self, view: ClusterView) -> tuple[Step, ...]:
        """No host has anything to show by itself."""
        return ()

    def check_cluster(self, view: ClusterView) -> tuple[Step, ...]:
        """One rank on every node, over ssh."""
        if not view.workers:
            return ()
        names = [host.name for host in view.workers]
        script = render_template("none/check_mpi.sh.j2", user=view.user, names=names)
        return (
            Step(
                name="mpi job",
                on=On.HEAD,
                actions=(Run(command=script, unless="false"),),
                hint="`mpirun --hostfile /etc/hpcctl/hostfile -npernode 1 hostname` on the head shows more",
            ),
        )

    def leave(self, view: ClusterView, nodes: frozenset[str]) -> tuple[Step, ...]:
        """What runs ends with its node: there is no queue that could keep it."""
        return ()


SCHEDULER: Scheduler = NoScheduler()
