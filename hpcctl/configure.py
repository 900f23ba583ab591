"""The order of the work: the same stages for every event, whatever state the nodes are in."""

from __future__ import annotations

from hpcctl.schedulers.base import Scheduler
from hpcctl.spec.model import Role
from hpcctl.steps import accounts, base, check, lifetime, storage
from hpcctl.steps.boots import boots
from hpcctl.steps.model import On, OwnStep, Stage, Step
from hpcctl.steps.script import script_for
from hpcctl.steps.view import ClusterView, NewHostKey

CHECK_STAGES = ("check nodes", "check cluster")


def configure_stages(view: ClusterView, scheduler: Scheduler) -> tuple[Stage, ...]:
    """From nodes that answer to a working cluster."""
    reach = (
        base.ready(view, On.HEAD),
        *base.scripts(view, On.HEAD),
        base.names(view, On.HEAD),
        base.trust(view, On.HEAD),
        base.cluster_key(view),
    )
    configure = (
        base.ready(view, On.COMPUTE),
        *base.scripts(view, On.COMPUTE),
        base.names(view, On.COMPUTE),
        base.trust(view, On.COMPUTE),
        *scheduler.begin(view),
        *storage.volumes(view),
        storage.homes(),
        storage.exports(view),
        base.logins(view),
        base.login_user(view),
        *base.login_shell(view),
        accounts.on_head(view),
        base.mpi(view),
        storage.nfs_mounts(view),
        storage.scratch(),
        *_lifetime(view, scheduler),
        *storage.efs_mounts(view),
        base.welcome(view, scheduler=scheduler.title, usage=scheduler.usage),
        *scheduler.configure(view),
        *storage.permanent(view),
    )
    return (
        Stage(name="reach", steps=reach),
        Stage(name="configure", steps=configure, own=tuple(map(_own_host_key, view.new_host_keys))),
        Stage(name="join", steps=(*scheduler.join(view), accounts.on_nodes(view))),
    )


def settled_stage(view: ClusterView) -> Stage:
    """After a host key was replaced: the head forgets the former one."""
    return Stage(name="settle", steps=(base.trust(view, On.HEAD),))


def logins_stage(view: ClusterView) -> Stage:
    """Nothing but the keys that may log in."""
    return Stage(name="logins", steps=(base.logins(view),))


def lifetime_stage(view: ClusterView, scheduler: Scheduler) -> Stage:
    """Nothing but the hour at which the nodes switch themselves off."""
    return Stage(name="lifetime", steps=_lifetime(view, scheduler))


def _lifetime(view: ClusterView, scheduler: Scheduler) -> tuple[Step, ...]:
    """At the end of its time a node does by itself what it would be asked to do before a stop."""
    if view.lifetime is None:
        return ()
    nodes, head = leave_stages(view, scheduler, frozenset(host.name for host in view.hosts))
    return (
        *lifetime.lifetime(view, leave=script_for(nodes, Role.COMPUTE), on=On.COMPUTE),
        *lifetime.lifetime(view, leave=script_for(head, Role.HEAD), on=On.HEAD),
    )


def authorize_stages(view: ClusterView) -> tuple[Stage, ...]:
    """Who may log in is as the view says, and nobody else may: the head first, the nodes after it."""
    return (
        Stage(name="accounts", steps=(accounts.on_head(view, whole=True),)),
        Stage(name="accounts of nodes", steps=(accounts.on_nodes(view),)),
    )


def _own_host_key(new: NewHostKey) -> OwnStep:
    return OwnStep(host=new.host, step=base.host_key(new))


def check_stages(view: ClusterView, scheduler: Scheduler) -> tuple[Stage, ...]:
    """The acceptance check: it needs nothing but what ``configure_stages`` has left behind."""
    each = (*check.file_systems(view), *scheduler.check(view))
    return (
        Stage(name=CHECK_STAGES[0], steps=each, waits=True),
        Stage(
            name=CHECK_STAGES[1],
            steps=(check.seen_from_head(view), *scheduler.check_cluster(view)),
            waits=True,
            whole=True,
        ),
    )


def leave_stages(view: ClusterView, scheduler: Scheduler, nodes: frozenset[str]) -> tuple[Stage, ...]:
    """Before ``nodes`` stop or reboot: they end their work and let go of the file systems, the head last.

    All tell the id of their present boot. Run them on a view of the head and those nodes: the others have no part
    in this.
    """
    steps = scheduler.leave(view, nodes)
    compute = [step for step in steps if step.on is On.COMPUTE]
    head = [step for step in steps if step.on is On.HEAD]
    if view.head.name in nodes:
        head.append(storage.let_go(view, On.HEAD))
    return (
        Stage(name="leave nodes", steps=(boots(), *compute, storage.let_go(view, On.COMPUTE)), waits=True),
        Stage(name="leave head", steps=tuple(head), waits=True),
    )
