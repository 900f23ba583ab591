"""Grid Engine as the distribution packages it: the head is master and submit host, and runs jobs where it may.

Every group of compute nodes is a host group of its own: ``qsub -q all.q@@gpu`` asks for nodes of the group ``gpu``.

What users may tune afterwards (the queue, the parallel environments, the scheduler's settings) is made once
and then left alone; membership and slots are kept right at every run.
"""

from __future__ import annotations

from hpcctl.schedulers.base import Scheduler
from hpcctl.steps.model import Action, On, Put, Run, Step, WaitFor
from hpcctl.steps.view import ClusterView
from hpcctl.templating import quote_shell, render_template

CELL = "/var/lib/gridengine/default/common"
WANTED = "/etc/hpcctl/sge"
OWN_NAME = '"$(hostname)"'
PARALLEL_ENVIRONMENTS = (("orte", "$fill_up", True), ("smp", "$pe_slots", False), ("pernode", "1", True))
"""Name, allocation rule, tight integration. ``pernode`` gives one slot on each of N hosts (hybrid jobs, checks)."""


class Sge:
    """See schedulers(5): one queue ``all.q``, slots as the nodes report processors."""

    title = "SGE"
    usage: tuple[str, ...] = (
        "qhost       the nodes            qsub -pe orte N job.sh    an MPI job with N slots",
        "qstat -f    the queue            mpirun --hostfile /etc/hpcctl/hostfile ...",
    )

    def begin(self, view: ClusterView) -> tuple[Step, ...]:
        """The master starts while the head makes its file systems."""
        return (_cell(view), _master(view))

    def configure(self, view: ClusterView) -> tuple[Step, ...]:
        """Master and first objects on the head, execution daemons everywhere."""
        head = (_execution_host(On.HEAD),) if view.head in view.workers else ()
        return (_members(view), _objects(), *head, _execution_host(On.COMPUTE))

    def join(self, view: ClusterView) -> tuple[Step, ...]:
        """Slots, once the execution hosts have reported."""
        functions = _sge(render_template("sge/slots.sh.j2", cpus_per_slot=_cpus_per_slot(view)))
        # Only for hosts that have come so far: the conductor says which these are.
        idle = len(view.hosts) - len(view.workers)
        reported = f'[ "$(slots_wanted | slots_sorted | wc -l)" -gt "$(set -- $hosts_here; echo $(($# - {idle:d})))" ]'
        return (
            Step(
                name="slots",
                on=On.HEAD,
                actions=(
                    # A host that stays silent does not hold up the others; the check names it.
                    Run(
                        command=functions
                        + f"wait_reported() {{ {reported}; }}\nretry 60 wait_reported || true",
                        unless=functions + reported,
                    ),
                    Run(
                        command=functions + 'qconf -rattr queue slots "$(slots_wanted)" all.q',
                        unless=functions + "cmp <(slots_wanted | slots_sorted) <(slots_set | slots_sorted)",
                    ),
                ),
            ),
        )

    def check(self, view: ClusterView) -> tuple[Step, ...]:
        """Every host that runs jobs is in the queue."""
        return (
            Step(
                name="execution host",
                on=On.ALL if view.head in view.workers else On.COMPUTE,
                actions=(
                    Run(
                        command=_sge(
                            "qhost -h \"$(hostname)\" | awk '$3 ~ /^[0-9]+$/ { found = 1 } END { exit !found }'"
                        ),
                        unless="false",
                    ),
                ),
                hint="the node does not report to the queue master: `systemctl status gridengine-exec` on the node",
            ),
        )

    def check_cluster(self, view: ClusterView) -> tuple[Step, ...]:
        """One rank on every node, through the queue; the output names every node."""
        names = [host.name for host in view.workers]
        if not names:
            return ()
        script = render_template("sge/check_mpi.sh.j2", user=view.user, count=len(names), names=names)
        return (
            Step(
                name="mpi job",
                on=On.HEAD,
                actions=(Run(command=script, unless="false"),),
                hint="`qstat -f -explain aAcE` on the head shows the queue; a busy queue makes the job wait",
            ),
        )

    def leave(self, view: ClusterView, nodes: frozenset[str]) -> tuple[Step, ...]:
        """Daemons and jobs end on the nodes; the master puts the jobs back; it ends with the head."""
        put_back = _put_back([host.name for host in view.hosts if host.name in nodes])
        if view.head.name not in nodes:
            return (_end_jobs(On.COMPUTE), put_back)
        return (_end_jobs(On.COMPUTE), _end_jobs(On.HEAD), put_back, _master_ends())


SCHEDULER: Scheduler = Sge()


def _sge(script: str) -> str:
    return render_template("sge/environment.sh") + script


def _cell(view: ClusterView) -> Step:
    """Where the master is: the same on all hosts. The image has made the cell, empty."""
    return Step(
        name="sge cell",
        on=On.ALL,
        actions=(Put(path=f"{CELL}/act_qmaster", content=view.head.name, owner="sgeadmin:sgeadmin"),),
    )


def _master(view: ClusterView) -> Step:
    return Step(
        name="sge master",
        on=On.HEAD,
        actions=(
            Put(path=f"{CELL}/master", content=view.head.name, owner="sgeadmin:sgeadmin"),
            _service("gridengine-master"),
        ),
    )


def _members(view: ClusterView) -> Step:
    names = [host.name for host in view.hosts]
    listed, pattern = ",".join(names), "\\n".join(sorted(names))
    user = quote_shell(view.user)
    return Step(
        name="sge members",
        on=On.HEAD,
        actions=(
            WaitFor(
                condition=_sge("qconf -sss"),
                seconds=60,
                hint="the queue master does not answer; see /var/spool/gridengine/qmaster/messages on the head",
            ),
            *(
                Run(
                    command=_sge(f"qconf -{letter} {listed}"),
                    unless=_sge(
                        f"[ -z \"$(comm -13 <(qconf -s{letter[1]} | sort) <(printf '{pattern}\\n'))\" ]"
                    ),
                )
                for letter in ("ah", "as")
            ),
            Run(command=_sge(f"qconf -am {user}"), unless=_sge(f"qconf -sm | grep -qxF {user}")),
            *_host_group("allhosts", [host.name for host in view.workers]),
            *(
                action
                for group in view.groups
                if group.name != view.head.name
                for action in _host_group(group.name, [name for name in group.hosts if name in names])
            ),
        ),
    )


def _host_group(name: str, hosts: list[str]) -> tuple[Action, ...]:
    path, group = f"{WANTED}/groups/{name}", quote_shell(f"@{name}")
    return (
        Put(path=path, content=render_template("sge/hostgroup.j2", name=name, hosts=hosts)),
        Run(
            command=_sge(
                f"change=A; qconf -shgrp {group} >/dev/null 2>&1 && change=M;"
                f" qconf -${{change}}hgrp {quote_shell(path)}"
            ),
            unless=_sge(f"cmp <(qconf -shgrp {group}) {quote_shell(path)}"),
        ),
    )


def _cpus_per_slot(view: ClusterView) -> str:
    """A line for every host where a slot is more than one processor."""
    return "\n".join(
        f"{host} {group.cpus_per_slot:d}"
        for group in view.groups
        if group.cpus_per_slot != 1
        for host in group.hosts
    )


def _objects() -> Step:
    names = [name for name, _, _ in PARALLEL_ENVIRONMENTS]
    environments = (
        Put(path=f"{WANTED}/{name}", content=render_template("sge/pe.j2", name=name, rule=rule, tight=tight))
        for name, rule, tight in PARALLEL_ENVIRONMENTS
    )
    functions = _sge(render_template("sge/objects.sh.j2", folder=WANTED, names=names))
    return Step(
        name="sge queue",
        on=On.HEAD,
        actions=(
            *environments,
            Put(path=f"{WANTED}/all.q", content=render_template("sge/queue.j2", pes=names)),
            Put(path=f"{WANTED}/scheduler", content=render_template("sge/scheduler.j2")),
            Run(command=functions + "add_missing", unless=functions + '[ -z "$(missing)" ]'),
            Run(
                command=_sge(f"qconf -Msconf {WANTED}/scheduler && touch {WANTED}/scheduler.applied"),
                unless=f"test -e {WANTED}/scheduler.applied",
            ),
            Run(
                command=_sge(render_template("sge/global.sh.j2", applied=f"{WANTED}/global.applied")),
                unless=f"test -e {WANTED}/global.applied",
            ),
        ),
    )


def _execution_host(on: On) -> Step:
    known = WaitFor(
        condition=_sge(f"qconf -sh | grep -qxF {OWN_NAME}"),
        seconds=300,
        hint="the queue master on the head does not know this node; see the head's step 'sge members'",
    )
    # At a boot, jobs wait for the homes. What is there now was mounted by a step, so nothing needs a reload.
    later = Put(
        path="/etc/systemd/system/gridengine-exec.service.d/hpcctl.conf",
        content="[Unit]\nRequiresMountsFor=/share /home\n",
    )
    return Step(name="sge execution host", on=on, actions=(later, known, _service("gridengine-exec")))


def _service(name: str) -> Action:
    """The unit is enabled in the image: at a boot it starts by itself where its node has a place in a cluster."""
    return Run(command=f"systemctl start {name}", unless=f"systemctl is-active -q {name}")


def _end_jobs(on: On) -> Step:
    return Step(
        name="jobs end",
        on=on,
        actions=(Run(command=render_template("sge/end_jobs.sh"), unless="false"),),
    )


def _put_back(names: list[str]) -> Step:
    queues = ",".join(f"*@{name}" for name in names)
    return Step(
        name="jobs put back",
        on=On.HEAD,
        actions=(
            Run(
                command=_sge(render_template("sge/put_back.sh.j2", queues=queues)),
                unless="! systemctl is-active -q gridengine-master",
            ),
        ),
    )


def _master_ends() -> Step:
    return Step(
        name="sge master ends",
        on=On.HEAD,
        actions=(
            Run(
                command="timeout 60 systemctl stop gridengine-master",
                unless="! systemctl is-active -q gridengine-master",
            ),
        ),
    )
