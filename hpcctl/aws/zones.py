"""The zones in which a cluster can be, in the order in which it is to be tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hpcctl.aws.findings import Findings
from hpcctl.spec.fields import of_group
from hpcctl.spec.model import ClusterSpec
from hpcctl.spec.nodes import in_order


@dataclass(frozen=True, kw_only=True)
class Pin:
    """Something that binds the cluster to some zones: a subnet, a volume, a file system. ``where`` it is named."""

    where: str
    what: str
    zones: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Map:
    """What is known of zones: those that the account may use, where each type is offered, what binds the cluster."""

    region: str
    available: tuple[str, ...]
    offered: Mapping[str, tuple[str, ...]]
    pins: tuple[Pin, ...] = ()


def usable(spec: ClusterSpec, known: Map, findings: Findings) -> tuple[str, ...]:
    """The zones that will do, in order of preference; none, and a problem, where there is none."""
    unknown = [zone for zone in spec.zones if zone not in known.available]
    for zone in unknown:
        what = f"there is no zone {zone!r} in {known.region} that you may use"
        findings.problem("zone", what, f"the zones are: {', '.join(known.available)}")
    if unknown:
        return ()
    left = in_order(spec.zones, known.available)
    for pin in known.pins:
        inside = tuple(zone for zone in left if zone in pin.zones)
        if not inside:
            what = (
                f"{pin.what} is in {', '.join(pin.zones)}, and the cluster can be in {', '.join(left)} only"
            )
            findings.problem(pin.where, what, "all of a cluster is in one zone")
            return ()
        left = inside
    return _offering(spec, known, left, findings)


def _offering(spec: ClusterSpec, known: Map, zones: Sequence[str], findings: Findings) -> tuple[str, ...]:
    types = [name for name in spec.instance_types if name in known.offered]
    good = tuple(zone for zone in zones if all(zone in known.offered[name] for name in types))
    if good or len(types) < len(spec.instance_types):  # a type that does not exist is told elsewhere
        return good
    bound = bool(spec.zones or known.pins)
    place = " or ".join(zones) if bound else known.region
    lacking = [name for name in types if not set(known.offered[name]) & set(zones)]
    if not lacking:
        what = f"no zone of {place} has all of: {', '.join(types)}"
        findings.problem("zone" if spec.zones else "head.type", what, "types that are offered together")
        return ()
    elsewhere = [zone for zone in known.available if all(zone in known.offered[name] for name in types)]
    group = next(one for one in spec.groups if one.instance_type == lacking[0])
    where = "zone" if spec.zones and not known.pins else of_group(group, "type")
    hint = f"it is in: {', '.join(elsewhere)}" if elsewhere else "choose another type, or another --region"
    findings.problem(where, f"{lacking[0]} is not offered in {place}", hint)
    return ()
