"""What AWS says of types, images and quotas, held against what is asked for. Nothing is asked here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hpcctl.aws.findings import Findings
from hpcctl.aws.images import Image, Images, for_architecture
from hpcctl.aws.instancetypes import ARCHITECTURES, TypeAnswer
from hpcctl.aws.quotas import Key, VcpuQuota, quota_key
from hpcctl.errors import Problem
from hpcctl.spec.fields import of_group, of_image
from hpcctl.spec.model import (
    DEBIAN,
    HEAD,
    ClusterSpec,
    GroupImage,
    ImageBy,
    ImageChoice,
    InstanceFacts,
    NodeGroup,
)

Types = Mapping[str, TypeAnswer]
_PLAIN = ImageChoice(by=ImageBy.DISTRIBUTION, value=DEBIAN)


def image_choice(spec: ClusterSpec, group: NodeGroup) -> ImageChoice:
    """The group's own, else the cluster's, else the common one."""
    return group.image or spec.image or _PLAIN


def check_types(spec: ClusterSpec, types: Types, findings: Findings) -> None:
    """Problems of groups whose type cannot do what is asked of it."""
    for group in spec.groups:
        kind = types.get(group.instance_type)
        if kind:
            findings.problems += _type_problems(group, kind)
    _check_architectures(spec, types, findings)


def placement_notes(spec: ClusterSpec, types: Types) -> Iterator[str]:
    """Of types that would stand in the placement group if they could."""
    free = {group.instance_type for group in spec.groups if group.placement is None}
    unable = [
        name for name in spec.instance_types if name in free and not types[name].facts.cluster_placement
    ]
    if spec.nodes > 1 and unable:
        yield f"{', '.join(unable)} cannot be in a cluster placement group; the nodes are placed freely"


def group_images(
    spec: ClusterSpec, types: Types, images: Images, findings: Findings, *, region: str
) -> tuple[GroupImage, ...]:
    """The image of every group that has one; problems for the others."""
    found = []
    for group in spec.groups:
        kind, choice = types.get(group.instance_type), image_choice(spec, group)
        if not kind or kind.facts.architecture not in ARCHITECTURES:
            continue
        image = for_architecture(images[choice], kind.facts.architecture)
        if image is None:
            findings.problem(*_no_image(spec, group, images[choice], kind.facts, region))
            continue
        if image.root_gib > group.root_gib:
            what = f"the image {image.image_id} needs {image.root_gib} GB, and root_size is {group.root_gib}"
            findings.problem(of_group(group, "root_size"), what, f"at least {image.root_gib}")
        found.append(GroupImage(group=group.name, image_id=image.image_id, user=image.user))
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class Need:
    """The vCPUs that count against one quota, and the groups that they are of."""

    vcpus: int
    groups: tuple[NodeGroup, ...]


def needs(spec: ClusterSpec, types: Types, copies: int) -> dict[Key, Need]:
    """By quota: what the cluster, or ``copies`` like it, would use of it."""
    found: dict[Key, Need] = {}
    for group in spec.groups:
        kind = types.get(group.instance_type)
        if not kind or not group.count:
            continue
        key = group_key(group)
        before = found.get(key, Need(vcpus=0, groups=()))
        vcpus = before.vcpus + copies * group.count * kind.facts.vcpus
        found[key] = Need(vcpus=vcpus, groups=(*before.groups, group))
    return found


def group_key(group: NodeGroup) -> Key:
    """The quota that the group's machines count against."""
    return quota_key(group.instance_type, spot=group.spot is not None)


def check_quotas(
    needed: Mapping[Key, Need],
    quotas: Mapping[Key, VcpuQuota | None],
    findings: Findings,
    *,
    copies: int,
) -> None:
    """Problems of quotas that would not suffice; notes where none is known."""
    for key, need in needed.items():
        quota = quotas.get(key)
        if quota is None:
            names = ", ".join(dict.fromkeys(group.instance_type for group in need.groups))
            findings.note(f"no vCPU quota for {names} is known, so it was not checked")
        elif need.vcpus > quota.free:
            largest = max(need.groups, key=lambda group: (group.count, group.name != HEAD))
            where = "head.type" if largest.name == HEAD else of_group(largest, "count")
            findings.problem(
                where,
                f"{_machines(need.groups, copies)}: {need.vcpus} vCPUs; {quota.free} of {quota.limit} free",
                f"fewer nodes, a smaller type, or ask AWS to raise the quota “{quota.name}”",
            )


def _machines(groups: Iterable[NodeGroup], copies: int) -> str:
    counts: dict[str, int] = {}
    for group in groups:
        counts[group.instance_type] = counts.get(group.instance_type, 0) + group.count
    listed = " + ".join(f"{count} × {kind}" for kind, count in counts.items())
    return listed if copies == 1 else f"{copies} × ({listed})"


def _type_problems(group: NodeGroup, kind: TypeAnswer) -> Iterator[Problem]:
    facts, name = kind.facts, group.instance_type
    if group.efa and not facts.efa:
        hint = "types with it: hpcctl types --efa"
        yield Problem(where=of_group(group, "efa"), what=f"{name} has no EFA", hint=hint)
    if not group.hyper_threading and not kind.one_thread:
        what = f"hyper-threading cannot be switched off on {name}"
        yield Problem(where=of_group(group, "hyper_threading"), what=what, hint="leave hyper_threading out")
    if group.placement and not facts.cluster_placement:
        what = f"{name} cannot be in a cluster placement group"
        yield Problem(where=of_group(group, "placement"), what=what, hint="leave placement out")
    if group.spot and not kind.spot:
        yield Problem(where=of_group(group, "spot"), what=f"{name} cannot be had as spot capacity")
    processors = facts.vcpus if group.hyper_threading else facts.cores or facts.vcpus
    if group.cpus_per_slot > processors:
        what = f"{name} has {processors} processors, so a node would have no slot"
        yield Problem(where=of_group(group, "cpus_per_slot"), what=what, hint=f"at most {processors}")


def _check_architectures(spec: ClusterSpec, types: Types, findings: Findings) -> None:
    """One for all: a program that runs on all nodes is built for one."""
    known = [
        (group, types[group.instance_type].facts) for group in spec.groups if group.instance_type in types
    ]
    for group, facts in known:
        if facts.architecture not in ARCHITECTURES:
            findings.problem(
                of_group(group, "type"),
                f"{facts.name} is of the architecture {facts.architecture}",
                f"hpcctl needs one of: {', '.join(ARCHITECTURES)}",
            )
        elif facts.architecture != known[0][1].architecture and known[0][1].architecture in ARCHITECTURES:
            first = known[0][1]
            findings.problem(
                of_group(group, "type"),
                f"{facts.name} is {facts.architecture}, and {first.name} is {first.architecture}",
                "a program runs on one of them only: choose types of one architecture",
            )


def _no_image(
    spec: ClusterSpec, group: NodeGroup, found: tuple[Image, ...], kind: InstanceFacts, region: str
) -> tuple[str, str, str]:
    """Where, what and hint."""
    choice, where = image_choice(spec, group), of_image(spec, group)
    if found and choice.by is not ImageBy.DISTRIBUTION:
        what = f"{choice.value} is for {found[0].architecture}, and the instance type is {kind.architecture}"
        return where, what, "choose an image of the same architecture, or leave it out"
    if choice.by is ImageBy.ID:
        what = f"there is no image {choice.value} in {region} that you may use"
        return where, what, "images belong to one region"
    if choice.by is ImageBy.NAME:
        what = f"no image of the owner {choice.owner} in {region} is called {choice.value}"
        return where, what, "image_owner says whose: self, amazon, or the number of an account"
    asked = group.image or spec.image
    what = f"there is no {choice.value} image for {kind.architecture} in {region}"
    return where if asked else of_group(group, "type"), what, "name an image of your own"


def unknown_types(spec: ClusterSpec, types: Types) -> tuple[tuple[NodeGroup, str], ...]:
    """The types that do not exist, each with the first group that asks for it."""
    missing = [name for name in spec.instance_types if name not in types]
    return tuple((next(one for one in spec.groups if one.instance_type == name), name) for name in missing)
