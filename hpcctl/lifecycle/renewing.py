"""The ways in, renewed: addresses, the firewall's one rule for this machine, and clusters that it does not know yet."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from hpcctl.aws import InstanceState, instances
from hpcctl.aws.caller import own_network
from hpcctl.aws.firewall import Firewall, firewalls, let_in
from hpcctl.errors import CloudError, HpcctlError, SpecError, StateError
from hpcctl.logins import with_addresses
from hpcctl.render import VALUES_FILE
from hpcctl.spec.model import Cloud
from hpcctl.state import ClusterRecord
from hpcctl.stores.team import SharedNames, shared_names
from hpcctl.workspace import Entry, Workspace, entries, write_files


@dataclass(frozen=True, kw_only=True)
class Renewed:
    """One cluster: what changed, why nothing could (``problem``), or why there was nothing to do (``note``)."""

    name: str
    addresses: bool = False
    let_in: str = ""
    problem: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Stranger:
    """A cluster of the same user in the same account that nothing here knows of; is it in a team's bucket?"""

    name: str
    cluster_id: str
    nodes: int
    cloud: Cloud
    shared: bool = False


@dataclass(frozen=True, kw_only=True)
class Renewal:
    """What ``renew`` came to."""

    clusters: tuple[Renewed, ...]
    strangers: tuple[Stranger, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """All that one cloud said: two questions, whatever the number of clusters and nodes."""

    present: tuple[InstanceState, ...] = ()
    firewalls: tuple[Firewall, ...] = ()
    own: str | None = None
    problem: str = ""
    warning: str = ""


def await_others(home: Path, *, say: Callable[[str], None]) -> None:
    """Wait until nobody works on any cluster: what the clouds say then will still hold a moment later."""
    for entry in entries(home):
        # What cannot be locked at all, a damaged folder say, is told by ``renew``.
        with suppress(HpcctlError), entry.workspace.lock("update-ssh", wait=True, say=say):
            pass


def renew(home: Path, *, besides: Cloud | None = None) -> Renewal:
    """Ask all clouds in use, and ``besides``, side by side; write down what has changed. Nothing is published yet."""
    known = entries(home)
    in_use = {entry.record.cloud for entry in known if entry.record}
    clouds = [*in_use, *([besides] if besides and besides not in in_use else ())]
    moving = {entry.record.cloud for entry in known if entry.record and _is_ours_to_move(entry.record)}
    with ThreadPoolExecutor(8) as pool:
        asked = {cloud: pool.submit(_ask, cloud, cloud in moving) for cloud in clouds}
        answers = {cloud: future.result() for cloud, future in asked.items()}
        clusters = tuple(pool.map(lambda entry: _renewed(entry, answers), known))
    strangers = _strangers(known, answers)
    buckets = {cloud: _bucket(cloud) for cloud in {one.cloud for one in strangers}}
    warnings = [*(answer.warning for answer in answers.values()), *(one.problem for one in buckets.values())]
    return Renewal(
        clusters=clusters,
        strangers=tuple(replace(one, shared=one.name in buckets[one.cloud].names) for one in strangers),
        warnings=tuple(dict.fromkeys(warning for warning in warnings if warning)),
    )


def _bucket(cloud: Cloud) -> SharedNames:
    """What a team shares there. No answer is no reason to keep old addresses."""
    try:
        found = shared_names(cloud)
    except CloudError as error:
        found = SharedNames(problem=error.message)
    return replace(
        found, problem=found.problem and f"which clusters are shared is not known: {found.problem}"
    )


def _is_ours_to_move(record: ClusterRecord) -> bool:
    """Was the rule the caller's own address, because nobody named another?"""
    return bool(record.facts) and not (record.spec.ssh_from or record.cloud.ssh_from)


def _ask(cloud: Cloud, moving: bool) -> _Answer:
    """A firewall that cannot be moved is no reason to keep old addresses."""
    try:
        answer = _Answer(present=instances(cloud))
    except CloudError as error:
        return _Answer(problem=error.message)
    try:
        return replace(answer, firewalls=firewalls(cloud), own=own_network(cloud)) if moving else answer
    except SpecError as error:
        why = error.problems[0].what
    except CloudError as error:
        why = error.message
    return replace(answer, warning=f"who may log in stays as it was: {why}")


def _renewed(entry: Entry, answers: dict[Cloud, _Answer]) -> Renewed:
    name = entry.workspace.name
    if entry.record is None:
        return Renewed(name=name, problem=entry.error.message if entry.error else "")
    if entry.record.inventory is None:
        return Renewed(name=name, note="it has no machines yet")
    answer = answers[entry.record.cloud]
    if answer.problem:
        return Renewed(name=name, problem=answer.problem)
    try:
        return _saved(entry.workspace, answer)
    except HpcctlError as error:
        return Renewed(name=name, problem=error.message)


def _saved(workspace: Workspace, answer: _Answer) -> Renewed:
    """Under the lock, from a record that is read anew: another hpcctl may have changed it."""
    with workspace.lock("update-ssh"):
        before = workspace.load()
        mine = tuple(one for one in answer.present if one.cluster_id == before.cluster_id)
        after = with_addresses(before, mine)
        moved = _move(workspace, after, answer)
        if moved:
            after = _with_network(after, moved)
        if after != before:
            workspace.save(after)
        return Renewed(name=workspace.name, addresses=after.inventory != before.inventory, let_in=moved)


def _move(workspace: Workspace, record: ClusterRecord, answer: _Answer) -> str:
    """The network that may log in now, where that has changed. First the cloud, then what Terraform is told."""
    group = next((one for one in answer.firewalls if one.cluster_id == record.cluster_id), None)
    if not (group and answer.own and _is_ours_to_move(record) and record.facts):
        return ""
    changed = let_in(record.cloud, group, answer.own)
    if not changed and record.facts.ssh_from == (answer.own,):
        return ""
    _tell_terraform(workspace, answer.own)
    return answer.own


def _tell_terraform(workspace: Workspace, network: str) -> None:
    """The next plan must be empty."""
    path = workspace.terraform / VALUES_FILE
    try:
        values = {**json.loads(path.read_text(encoding="utf-8")), "ssh_from": [network]}
    except (OSError, ValueError, TypeError) as error:
        raise StateError(f"{path} is damaged", hint=f"hpcctl recover {workspace.name}") from error
    write_files(workspace.terraform, {VALUES_FILE: json.dumps(values, indent=2, ensure_ascii=False) + "\n"})


def _with_network(record: ClusterRecord, network: str) -> ClusterRecord:
    return replace(record, facts=replace(record.facts, ssh_from=(network,))) if record.facts else record


def _strangers(known: Sequence[Entry], answers: dict[Cloud, _Answer]) -> tuple[Stranger, ...]:
    """Not those of a name whose record here is damaged: they are known, and ``recover`` mends them."""
    ids = {entry.record.cluster_id for entry in known if entry.record}
    damaged = {entry.workspace.name for entry in known if not entry.record}
    found: dict[str, Stranger] = {}
    for cloud, answer in answers.items():
        for one in answer.present:
            if one.owner != cloud.owner or one.cluster_id in ids or one.cluster in damaged:
                continue
            before = found.get(one.cluster_id)
            nodes = before.nodes + 1 if before and before.cloud == cloud else 1
            found[one.cluster_id] = Stranger(
                name=one.cluster, cluster_id=one.cluster_id, nodes=nodes, cloud=cloud
            )
    return tuple(sorted(found.values(), key=lambda stranger: stranger.name))
