"""Everything that can be asked before anything is made: all at the same time, every mistake at once."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from hpcctl.aws import caller, images, instancetypes, quotas, session, states
from hpcctl.aws.images import Image, Images
from hpcctl.aws.quotas import VcpuQuota
from hpcctl.errors import CloudError, CredentialsError, Problem, SpecError, UnreachableError
from hpcctl.progress import Progress
from hpcctl.spec.model import Cloud, ClusterSpec, Facts, GroupImage, InstanceFacts, NodeGroup
from hpcctl.spec.nodes import in_order

T = TypeVar("T")


@dataclass
class _Findings:
    """What goes wrong on the way, kept until all answers are in."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def take(self, answer: Future[T]) -> T | None:
        """The answer, or None after its problems have been noted."""
        try:
            return answer.result()
        except SpecError as error:
            self.problems += [problem for problem in error.problems if problem not in self.problems]
            return None


@dataclass(frozen=True, kw_only=True)
class _Questions:
    """One future for everything that is asked."""

    account: Future[str]
    zones: Future[tuple[str, ...]]
    types: dict[str, Future[InstanceFacts]]
    offered: Future[dict[str, tuple[str, ...]]]
    images: dict[str, Future[Images]]
    quotas: dict[str, Future[VcpuQuota | None]]
    taken: Future[tuple[states.InstanceState, ...]]
    ssh_from: Future[tuple[str, ...]]


def preflight(spec: ClusterSpec, cloud: Cloud, *, progress: Progress, resume: bool = False) -> Facts:
    """The facts that rendering needs. SpecError with every problem found; CredentialsError before all else.

    ``resume``: the cluster's own machines may be there already, left by a create that was interrupted.
    """
    progress.detail("asking AWS")
    with ThreadPoolExecutor(8) as pool:
        _make_clients(cloud)
        questions = _ask(spec, cloud, pool)
        facts = _answers(spec, cloud, questions, resume)
    for note in facts.notes:
        progress.note(note)
    return facts


def _make_clients(cloud: Cloud) -> None:
    """One after the other, because they would only wait for each other in threads."""
    with session.explained(cloud, "reach AWS"):
        for make in (session.ec2, session.sts, session.ssm):
            make(cloud)


def _ask(spec: ClusterSpec, cloud: Cloud, pool: ThreadPoolExecutor) -> _Questions:
    def ssh_from() -> tuple[str, ...]:
        return spec.ssh_from or (cloud.ssh_from or caller.own_network(cloud),)

    types = spec.instance_types
    return _Questions(
        account=pool.submit(caller.account, cloud),
        zones=pool.submit(instancetypes.available_zones, cloud),
        types={name: pool.submit(instancetypes.instance_facts, cloud, name) for name in types},
        offered=pool.submit(instancetypes.offerings, cloud, types),
        images={
            group.name: pool.submit(images.find_images, cloud, group.image or spec.image)
            for group in spec.groups
        },
        quotas={name: pool.submit(quotas.vcpu_quota, cloud, name) for name in types},
        taken=pool.submit(states.instances, cloud, spec.name),
        ssh_from=pool.submit(ssh_from),
    )


def _answers(spec: ClusterSpec, cloud: Cloud, asked: _Questions, resume: bool) -> Facts:
    account = _first_of_all(asked)
    findings = _Findings()
    types = {name: findings.take(answer) for name, answer in asked.types.items()}
    known = tuple(kind for kind in types.values() if kind)
    zone = _zone(spec, cloud, asked, findings, known_types=len(known) == len(types))
    found = [_image(asked, group, types[group.instance_type], findings) for group in spec.groups]
    ssh_from = findings.take(asked.ssh_from)
    _check_name(spec, asked, findings, resume)
    for kind in known:
        _check_architecture(kind, findings)
        _check_quota(spec, kind, asked, findings, resume)
    if findings.problems or not (zone and ssh_from):
        raise SpecError(findings.problems)
    return Facts(
        account=account,
        zone=zone,
        types=known,
        images=tuple(image for image in found if image),
        ssh_from=ssh_from,
        notes=(*_placement_notes(spec, known), *findings.notes),
    )


def _first_of_all(asked: _Questions) -> str:
    """The account. Without credentials or a connection every other answer is the same error."""
    try:
        return asked.account.result()
    except (CredentialsError, UnreachableError):
        for answer in vars(asked).values():
            for future in answer.values() if isinstance(answer, dict) else (answer,):
                future.cancel()
        raise


def _zone(
    spec: ClusterSpec, cloud: Cloud, asked: _Questions, findings: _Findings, *, known_types: bool
) -> str | None:
    zones, offered = findings.take(asked.zones) or (), findings.take(asked.offered) or {}
    unknown = [zone for zone in spec.zones if zone not in zones]
    if unknown:
        what = f"there is no zone {unknown[0]!r} in {cloud.region} that you may use"
        findings.problems.append(
            Problem(where="--zone", what=what, hint=f"the zones are: {', '.join(zones)}")
        )
        return None
    if not known_types:
        return None
    usable = [zone for zone in zones if all(zone in offered.get(name, ()) for name in spec.instance_types)]
    wanted = in_order(spec.zones, usable)
    if wanted:
        return wanted[0]
    where, place = ("--zone", " or ".join(spec.zones)) if spec.zones else ("TYPE", cloud.region)
    hint = f"it is in: {', '.join(usable)}" if usable else "choose another type, or another --region"
    what = f"{' with '.join(spec.instance_types)} is not offered in {place}"
    findings.problems.append(Problem(where=where, what=what, hint=hint))
    return None


def _image(
    asked: _Questions, group: NodeGroup, kind: InstanceFacts | None, findings: _Findings
) -> GroupImage | None:
    found = findings.take(asked.images[group.name])
    if found is None or kind is None or kind.architecture not in instancetypes.ARCHITECTURES:
        return None
    chosen: Future[Image] = Future()
    try:
        chosen.set_result(found.for_architecture(kind.architecture))
    except SpecError as error:
        chosen.set_exception(error)
    image = findings.take(chosen)
    return GroupImage(group=group.name, image_id=image.image_id, user=image.user) if image else None


def _check_architecture(instance: InstanceFacts, findings: _Findings) -> None:
    if instance.architecture not in instancetypes.ARCHITECTURES:
        findings.problems.append(
            Problem(
                where="TYPE",
                what=f"{instance.name} is of the architecture {instance.architecture}",
                hint=f"hpcctl needs one of: {', '.join(instancetypes.ARCHITECTURES)}",
            )
        )


def _check_name(spec: ClusterSpec, asked: _Questions, findings: _Findings, resume: bool) -> None:
    present = findings.take(asked.taken)
    if present and not resume:
        owner = present[0].owner or "somebody"
        findings.problems.append(
            Problem(
                where="NAME",
                what=f"{owner} already has a cluster named {spec.name} in this account and region",
                hint="choose another name",
            )
        )


def _check_quota(
    spec: ClusterSpec, instance: InstanceFacts, asked: _Questions, findings: _Findings, resume: bool
) -> None:
    try:
        quota = asked.quotas[instance.name].result()
    except CloudError as error:
        findings.notes.append(f"the vCPU quota could not be read, so it was not checked ({error.message})")
        return
    if quota is None:
        findings.notes.append(f"no vCPU quota for {instance.name} is known, so it was not checked")
        return
    count = sum(group.count for group in spec.groups if group.instance_type == instance.name)
    needed = count * instance.vcpus
    if needed > quota.free and not resume:
        findings.problems.append(
            Problem(
                where="NODES",
                what=f"{count} × {instance.name}: {needed} vCPUs; {quota.free} of {quota.limit} free",
                hint=f"fewer nodes, a smaller type, or ask AWS to raise the quota “{quota.name}”",
            )
        )


def _placement_notes(spec: ClusterSpec, known: tuple[InstanceFacts, ...]) -> tuple[str, ...]:
    """Of types that nobody has taken out of the placement group."""
    free = {group.instance_type for group in spec.groups if group.placement is None}
    unable = [kind.name for kind in known if kind.name in free and not kind.cluster_placement]
    if spec.nodes > 1 and unable:
        return (f"{', '.join(unable)} cannot be in a cluster placement group; the nodes are placed freely",)
    return ()
