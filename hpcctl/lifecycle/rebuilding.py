"""From what an account says of a cluster to a record and a Terraform folder of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hpcctl.aws import free_addresses
from hpcctl.aws.remains import Remains
from hpcctl.inventory import Host, Inventory
from hpcctl.keys import new_key
from hpcctl.packing import unpacked
from hpcctl.render import VALUES_FILE, ClusterRequest, PlannedNode, render_cluster
from hpcctl.spec.model import (
    HEAD,
    Cloud,
    ClusterSpec,
    Facts,
    GroupImage,
    ImageBy,
    ImageChoice,
    like_nodes,
    share_of,
)
from hpcctl.spec.nodes import expand
from hpcctl.spec.schema.storage import SHARE_GIB
from hpcctl.spec.tags import CREATED_TAG, OURS, OWNER_TAG, SPEC_TAG, read_wishes
from hpcctl.sshconfig import known_hosts
from hpcctl.state import ClusterRecord, Phase

_NUMBER = re.compile(r"node(\d+)")
_AUTHORIZED = re.compile(r"<<'KEYS'\n(?P<keys>.*?)^KEYS$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class LoginKeys:
    """Public keys as the head's first boot script let them in; empty where that is not known."""

    login: str = ""
    internal: str = ""
    own: str | None = None


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """The Terraform folder, and the host keys (known_hosts format) of the machines that it would make."""

    files: dict[str, str]
    bootstrap_hosts: str | None


def rebuilt_record(name: str, cloud: Cloud, remains: Remains) -> ClusterRecord:
    """The record as ``create`` would have left it. What nothing in the account shows has its default."""
    tags = dict(remains.tags)
    cloud = replace(cloud, owner=tags.get(OWNER_TAG, cloud.owner))
    spec = _spec(name, cloud, remains)
    addresses = _addresses(spec, cloud, remains)
    return ClusterRecord(
        spec=spec,
        cloud=cloud,
        phase=phase_of(remains, spec.nodes),
        created=tags.get(CREATED_TAG) or remains.nodes[0].launch_time.isoformat(timespec="seconds"),
        cluster_id=remains.cluster_id,
        facts=Facts(
            account=remains.account,
            zone=remains.base.zone,
            types=remains.types,
            images=_images(spec, remains),
            ssh_from=_networks(cloud, remains),
            mount_targets=remains.mount_targets,
        ),
        base=remains.base,
        inventory=inventory_of(spec, addresses, remains),
        addresses=addresses,
    )


def phase_of(remains: Remains, nodes: int) -> Phase:
    """Without a head it can only be taken away; a head that was never configured has no host key of its own yet.

    What is not all there, or not in one state, is degraded.
    """
    states = {node.state for node in remains.nodes}
    if remains.nodes[0].node != HEAD:
        return Phase.TERMINATING
    if remains.nodes[0].host_key is None:
        return Phase.CREATING
    if len(remains.nodes) == nodes and states == {"running"}:
        return Phase.READY
    if len(remains.nodes) == nodes and states == {"stopped"}:
        return Phase.STOPPED
    return Phase.DEGRADED


def inventory_of(spec: ClusterSpec, addresses: Sequence[str], remains: Remains) -> Inventory | None:
    """All hosts that there should be, those that are gone without an instance; None without a head and its volumes."""
    head = remains.nodes[0]
    volumes = head.volumes_of(spec) if head.node == HEAD else None
    if not volumes:
        return None
    present = {node.node: node for node in remains.nodes}
    hosts = []
    for node, address in zip(expand(spec), addresses, strict=True):
        found = present.get(node.name)
        hosts.append(
            Host(
                name=node.name,
                role=node.role,
                group=node.group,
                instance_id=found.instance_id if found else "",
                private_ip=address,
                public_ip=found.public_ip if found else None,
            )
        )
    return Inventory(hosts=tuple(hosts), volumes=volumes)


def login_keys(name: str, user: str, first_boot: str, *, key_pair: str | None) -> LoginKeys:
    """Whose key is whose, by the comments that ``create`` gives to its own two."""
    found = _AUTHORIZED.search(unpacked(first_boot))
    keys = [line.strip() for line in found["keys"].splitlines()] if found else []
    login = next((key for key in keys if key.endswith(f" hpcctl-{name}")), key_pair or "")
    internal = next((key for key in keys if key.endswith(f" {user}@{name}")), "")
    own = next((key for key in keys if key and key not in (login, internal)), None)
    return LoginKeys(login=login, internal=internal, own=own)


def rebuilt_folder(record: ClusterRecord, keys: LoginKeys, former: Mapping[str, object]) -> Rebuilt:
    """The folder anew, with the first boot scripts of the ``former`` values where those still have them.

    Otherwise the scripts carry new host keys, which only machines that are made again will show.
    """
    assert record.facts and record.base
    nodes = tuple(
        PlannedNode(node=node, private_ip=address, host_key=new_key(f"{record.spec.name}-{node.name}"))
        for node, address in zip(expand(record.spec), record.addresses, strict=True)
        if node.name in record.node_names
    )
    files = render_cluster(
        ClusterRequest(
            spec=record.spec,
            cloud=record.cloud,
            facts=record.facts,
            base=record.base,
            nodes=nodes,
            login_key=keys.login,
            cluster_id=record.cluster_id,
            created=record.created,
            internal_key=keys.internal,
        )
    )
    values = json.loads(files[VALUES_FILE])
    scripts = former.get("user_data")
    if isinstance(scripts, dict) and set(scripts) == set(values["user_data"]):
        values["user_data"] = scripts
        return Rebuilt(files={**files, VALUES_FILE: _text(values)}, bootstrap_hosts=None)
    hosts = known_hosts(record.spec.name, {node.node.name: (node.host_key.public,) for node in nodes})
    return Rebuilt(files=files, bootstrap_hosts=hosts)


def _spec(name: str, cloud: Cloud, remains: Remains) -> ClusterSpec:
    """As the tags have it whole; else as an earlier hpcctl wrote it down, which knew like nodes only."""
    tags = dict(remains.tags)
    spec = remains.spec or _former_spec(name, cloud, remains)
    keys = login_keys(name, spec.user, remains.first_boot, key_pair=remains.login_key)
    own = {key: value for key, value in tags.items() if not key.startswith((OURS, "aws:")) and key != "Name"}
    return replace(spec, name=name, public_key=keys.own, tags=tuple(own.items()))


def _former_spec(name: str, cloud: Cloud, remains: Remains) -> ClusterSpec:
    wishes = read_wishes(dict(remains.tags).get(SPEC_TAG, ""))
    count = max(wishes.nodes or 1, *(_number(node.node) for node in remains.nodes))
    head, compute = like_nodes(count, remains.types[0].name)
    image = ImageChoice(by=ImageBy.ID, value=remains.images[0].image_id)
    return ClusterSpec(
        name=name,
        head=head,
        compute=compute,
        share=share_of(remains.share_gib or SHARE_GIB[0]),
        user=wishes.user,
        zones=(remains.base.zone,) if "zones" in wishes.asked else (),
        image=image if "image" in wishes.asked else None,
        ssh_from=_networks(cloud, remains) if "ssh_from" in wishes.asked else (),
    )


def _images(spec: ClusterSpec, remains: Remains) -> tuple[GroupImage, ...]:
    """Of every group; one that has no machine any more gets the first."""
    known = {image.group: image for image in remains.images}
    first = remains.images[0]
    return tuple(known.get(group.name, replace(first, group=group.name)) for group in spec.groups)


def _number(node: str) -> int:
    """How many nodes there are at least, if one has this name."""
    found = _NUMBER.fullmatch(node)
    return int(found[1]) + 1 if found else 1


def _networks(cloud: Cloud, remains: Remains) -> tuple[str, ...]:
    """Who may log in: as the firewall says, and where that is gone, the profile, or nobody but the machine itself."""
    return remains.networks or cloud.ssh_from or ("127.0.0.1/32",)


def _addresses(spec: ClusterSpec, cloud: Cloud, remains: Remains) -> tuple[str, ...]:
    """Those that the nodes have; nodes that are gone get free ones."""
    present = {node.node: node.private_ip for node in remains.nodes if node.private_ip}
    missing = [node.name for node in expand(spec) if node.name not in present]
    if missing:
        free = free_addresses(cloud, remains.base, len(missing), promised=present.values(), seed=spec.name)
        present.update(zip(missing, free, strict=True))
    return tuple(present[node.name] for node in expand(spec))


def _text(values: object) -> str:
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"
