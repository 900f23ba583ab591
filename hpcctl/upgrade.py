"""Records as earlier versions of hpcctl wrote them, brought to the present schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from hpcctl.spec.model import DEFAULT_GROUP, HEAD, SHARE, ImageBy, ImageChoice, like_nodes, share_of
from hpcctl.spec.nodes import group_of

Json = dict[str, Any]


def upgraded(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The JSON of a record in the present schema; what is no record of an earlier one comes back as it is.

    KeyError, TypeError or AttributeError where it is damaged.
    """
    return _from_first(dict(data)) if data.get("schema") == 1 else data


def _from_first(data: Json) -> Json:
    """Schema 1 knew like nodes only, and one volume."""
    facts, inventory = data.get("facts"), data.get("inventory")
    return {
        **data,
        "schema": 2,
        "spec": _spec(dict(data["spec"])),
        "cloud": _cloud(dict(data["cloud"])),
        "facts": _facts(dict(facts), data["spec"]["nodes"]) if facts else None,
        "inventory": upgraded_inventory(inventory) if inventory else None,
    }


def _spec(spec: Json) -> Json:
    head, compute = like_nodes(spec.pop("nodes"), spec.pop("instance_type"))
    zone, image, ssh_from = spec.pop("zone", None), spec.pop("image", None), spec.pop("ssh_from", None)
    share = share_of(spec.pop("share_gib"))
    return {
        **spec,
        "head": asdict(head),
        "compute": [asdict(group) for group in compute],
        "share": asdict(share),
        "zones": [zone] if zone else [],
        "image": asdict(ImageChoice(by=ImageBy.ID, value=image)) if image else None,
        "ssh_from": [ssh_from] if ssh_from else [],
    }


def _cloud(cloud: Json) -> Json:
    ssh_from = cloud.pop("ssh_from", None)
    return {**cloud, "ssh_from": [ssh_from] if ssh_from else []}


def _facts(facts: Json, nodes: int) -> Json:
    image = {"image_id": facts.pop("image_id"), "user": facts.pop("image_user")}
    groups = [HEAD, DEFAULT_GROUP] if nodes > 1 else [HEAD]
    instance, ssh_from = facts.pop("instance"), facts.pop("ssh_from")
    images = [{"group": group, **image} for group in groups]
    return {**facts, "types": [instance], "images": images, "ssh_from": [ssh_from]}


def upgraded_inventory(inventory: Mapping[str, Any]) -> Mapping[str, Any]:
    """An inventory, as the record or the Terraform folder of an earlier cluster tells it; one of today as it is."""
    if "share_volume_id" not in inventory:
        return inventory
    hosts = [{**host, "group": group_of(host["name"])} for host in inventory["hosts"]]
    return {"hosts": hosts, "volumes": [{"name": SHARE, "volume_id": inventory["share_volume_id"]}]}
