"""What Terraform is told of a cluster's groups, volumes and rules: records of the spec as plain JSON values."""

from __future__ import annotations

from typing import Any

from hpcctl.spec.model import ClusterSpec, Facts, FirewallRule, NodeGroup
from hpcctl.spec.nodes import placed
from hpcctl.spec.volumes import attached_volumes


def group_values(spec: ClusterSpec, facts: Facts) -> dict[str, dict[str, Any]]:
    """The variable ``groups``, by the groups' names."""
    together = placed(spec, facts)
    return {
        group.name: {
            "instance_type": group.instance_type,
            "image_id": facts.image(group.name).image_id,
            "root_gib": group.root_gib,
            "public_address": group.public_address,
            "placement": group.name in together,
            **_market(group),
            **_processors(group, facts),
            **({"efa": True} if group.efa else {}),
        }
        for group in spec.groups
    }


def new_volume_values(spec: ClusterSpec) -> dict[str, dict[str, Any]]:
    """The variable ``volumes``: those that are made with the head."""
    return {
        one.volume.name: {
            "device": one.path,
            "gib": one.volume.gib,
            "type": one.volume.volume_type,
            **_given(iops=one.volume.iops, throughput=one.volume.throughput, snapshot=one.volume.snapshot),
            **({"keep": True} if one.volume.keep else {}),
        }
        for one in attached_volumes(spec)
        if not one.volume.volume_id
    }


def attached_values(spec: ClusterSpec) -> dict[str, dict[str, Any]]:
    """The variable ``attached``: those that exist."""
    return {
        one.volume.name: {"device": one.path, "volume_id": one.volume.volume_id}
        for one in attached_volumes(spec)
        if one.volume.volume_id
    }


def rule_values(spec: ClusterSpec) -> list[dict[str, Any]]:
    """The variable ``rules``."""
    return [
        {
            "protocol": rule.protocol,
            "from_port": rule.from_port,
            "to_port": rule.to_port,
            "cidrs": list(rule.cidrs),
            "description": _description(rule),
        }
        for rule in spec.network.rules
    ]


def _market(group: NodeGroup) -> dict[str, Any]:
    if group.spot is None:
        return {}
    limit = group.spot.max_usd
    return {"spot": True, **_given(spot_max_usd=None if limit is None else f"{limit:.6f}")}


def _processors(group: NodeGroup, facts: Facts) -> dict[str, Any]:
    """Nothing where the type has one thread a core anyway: then there is nothing to switch off."""
    kind = facts.type(group.instance_type)
    if group.hyper_threading or kind.threads_per_core == 1:
        return {}
    return {"core_count": kind.cores or kind.vcpus // kind.threads_per_core, "threads_per_core": 1}


def _description(rule: FirewallRule) -> str:
    return rule.description or rule.name


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
