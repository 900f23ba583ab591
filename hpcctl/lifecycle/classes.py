"""A class of like clusters: what they share is asked and made once, then each is created by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hpcctl.aws import instances
from hpcctl.errors import Problem, SpecError
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.creating import CreateRequest, Prepared, prepare, same_wish
from hpcctl.lifecycle.sharing import prepare_sharing
from hpcctl.spec.model import Cloud
from hpcctl.state import Phase
from hpcctl.workspace import Workspace, records


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is left to do for a class: requests to carry out, and the names of clusters that are ready already.

    ``others``: clusters of that class beyond those that were asked for; they are left as they are.
    """

    requests: tuple[CreateRequest, ...]
    ready: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def plan_class(requests: Sequence[CreateRequest], *, context: Context) -> Plan:
    """Look at what is there, check the rest all together, and make what they share.

    Raises SpecError before anything is made: names that are taken, quotas that do not hold all of them.
    """
    class_name = requests[0].spec.class_name
    names = tuple(request.spec.name for request in requests)
    others = _others(class_name, names, context)
    ready = tuple(request.spec.name for request in requests if _is_ready(request, context))
    left = tuple(request for request in requests if request.spec.name not in ready)
    new = [request for request in left if not Workspace(home=context.home, name=request.spec.name).exists()]
    if new:
        prepared = _prepared(new, context)
        left = tuple(replace(request, prepared=prepared) if request in new else request for request in left)
    return Plan(requests=left, ready=ready, others=others)


def _prepared(new: Sequence[CreateRequest], context: Context) -> Prepared:
    first = new[0]
    _require_free(tuple(request.spec.name for request in new), first.cloud)
    prepare_sharing(first.spec, first.cloud, context)
    return prepare(first, context, copies=len(new))


def _require_free(names: tuple[str, ...], cloud: Cloud) -> None:
    taken = {one.cluster: one.owner or "somebody" for one in instances(cloud) if one.cluster in names}
    if taken:
        raise SpecError(
            [
                Problem(
                    where="name",
                    what=f"{owner} already has a cluster named {name} in this account and region",
                    hint="choose another name for the class",
                )
                for name, owner in sorted(taken.items())
            ]
        )


def _is_ready(request: CreateRequest, context: Context) -> bool:
    workspace = Workspace(home=context.home, name=request.spec.name)
    if not workspace.exists():
        return False
    record = workspace.load()
    return record.phase is Phase.READY and same_wish(request.spec, record.spec)


def _others(class_name: str, names: tuple[str, ...], context: Context) -> tuple[str, ...]:
    """SpecError where a cluster is called like the class, or the names would be numbered in two ways."""
    if Workspace(home=context.home, name=class_name).exists():
        what = f"there is a cluster called {class_name}, so no class can be called so"
        raise SpecError([Problem(where="name", what=what, hint="choose another name for the class")])
    others = tuple(
        record.spec.name
        for record in records(context.home)
        if record.spec.class_name == class_name and record.spec.name not in names
    )
    if any(len(name) != len(names[0]) for name in others):
        what = f"the class {class_name} is numbered as in {others[0]}, not as in {names[0]}"
        hint = "choose another name for the class, or a count with as many digits"
        raise SpecError([Problem(where="name", what=what, hint=hint)])
    return others
