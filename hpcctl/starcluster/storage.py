"""Volumes, and what may come in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from hpcctl.spec.schema import kinds
from hpcctl.spec.schema.network import FIREWALL
from hpcctl.starcluster.fitting import number, unfit
from hpcctl.starcluster.items import Attribute, Block, Comment, Item
from hpcctl.starcluster.known import SETTINGS
from hpcctl.starcluster.reading import Section, listed

SHARE_GIB = 50
_SSH = 22
_WORLD = "0.0.0.0/0"
_TAKEN = re.compile(
    r"/|/(?:home|share|permanent|scratch|bin|boot|dev|etc|lib\w*|proc|root|run|sbin|sys|tmp|usr|var)(?:/.*)?"
)
_LABEL_LENGTH = 12
_VOLUME = frozenset({"volume_id", "mount_path", "partition"})
_PERMISSION = frozenset({"from_port", "to_port", "ip_protocol", "cidr_ip"})


def storage(settings: Mapping[str, str], volumes: Mapping[str, Section]) -> Block:
    """/share, which StarCluster had on the head's own disk, and the volumes."""
    share = Block(
        kind="share",
        items=(
            Attribute(
                name="size", value=SHARE_GIB, comment="GiB; homes are here, not on the head's own disk"
            ),
        ),
    )
    found = [_volume(name, volumes.get(name)) for name in listed(settings.get("volumes", ""))]
    return Block(kind="storage", items=(share, *_told_apart(found)))


def _volume(name: str, section: Section | None) -> Item:
    if section is None:
        return Comment(text=f"VOLUMES names {name}, and there is no [volume {name}]")
    values = section.settings
    volume_id, path = values.get("volume_id", ""), values.get("mount_path", "")
    said = f"[volume {name}] {volume_id} at {path}"
    problem = unfit(kinds.VOLUME, volume_id)
    if problem:
        return Comment(text=f"{said}: {problem}")
    if values.get("partition"):
        return Comment(
            text=f"{said}, PARTITION {values['partition']}: hpcctl mounts whole volumes, and leaves this one alone;"
            " copy that partition to a volume of its own"
        )
    mount, word = _mount(path, name)
    if unfit(kinds.MOUNT, mount):
        return Comment(text=f"{said}: {unfit(kinds.MOUNT, mount)}")
    items = (Attribute(name="id", value=volume_id), Attribute(name="mount", value=mount, comment=word))
    return Block(kind="volume", label=_label(name), items=items, comment=_others(values, _VOLUME))


def _others(values: Mapping[str, str], said: frozenset[str]) -> str:
    """The settings that nothing becomes of."""
    others = {name: value for name, value in values.items() if name not in said}
    return "; ".join(
        f"{name.upper()} = {value}: {SETTINGS.get(name, 'StarCluster has no such setting')}"
        for name, value in others.items()
    )


def _mount(path: str, name: str) -> tuple[str, str]:
    """Where it is mounted, and a word where that is not where it was."""
    clean = "/" + "/".join(part for part in path.split("/") if part)
    if not _TAKEN.fullmatch(clean):
        return clean, ""
    instead = f"/{_label(name)}"
    why = "homes are on /share, and begin empty" if clean == "/home" else f"{clean} belongs to the system"
    return instead, f"was {clean}; {why}: what is on the volume is found in {instead}"


def _label(name: str) -> str:
    label = re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")
    label = label if label[:1].isalpha() else f"v-{label}"
    return label[:_LABEL_LENGTH].rstrip("-")


def _told_apart(items: list[Item]) -> Iterator[Item]:
    """Names that were cut short may be the same; the same volume cannot be mounted twice."""
    labels: set[str] = set()
    ids: dict[str, str] = {}
    for item in items:
        if not isinstance(item, Block):
            yield item
            continue
        volume_id = next(str(each.value) for each in item.items if isinstance(each, Attribute))
        if volume_id in ids:
            yield Comment(
                text=f"{item.label} is {volume_id} as well, which is mounted once, as {ids[volume_id]}"
            )
            continue
        label = item.label
        for count in range(2, 100):
            if label not in labels:
                break
            label = f"{item.label[: _LABEL_LENGTH - 3]}-{count}"
        labels.add(label)
        ids[volume_id] = label
        yield replace(item, label=label)


def firewall(settings: Mapping[str, str], permissions: Mapping[str, Section]) -> Iterator[Item]:
    """``ssh_from`` for port 22, ``firewall`` blocks for all others."""
    ssh = []
    for name in listed(settings.get("permissions", "")):
        section = permissions.get(name)
        if section is None:
            yield Comment(text=f"PERMISSIONS names {name}, and there is no [permission {name}]")
        elif _is_ssh(section.settings):
            ssh.append(section.settings.get("cidr_ip") or _WORLD)
        else:
            yield _rule(name, section.settings)
    if ssh:
        problem = next(filter(None, (unfit(kinds.NETWORK, each) for each in ssh)), "")
        yield (
            Comment(text=f"ssh from {', '.join(ssh)}: {problem}")
            if problem
            else Attribute(name="ssh_from", value=tuple(dict.fromkeys(ssh)))
        )


def _is_ssh(values: Mapping[str, str]) -> bool:
    ports = (number(values.get("from_port", "")), number(values.get("to_port", "")))
    return ports == (_SSH, _SSH) and values.get("ip_protocol", "tcp") == "tcp"


def _rule(name: str, values: Mapping[str, str]) -> Item:
    protocol = values.get("ip_protocol", "tcp").lower()
    first, last = values.get("from_port", ""), values.get("to_port", "")
    ports = first if first == last else f"{first}-{last}"
    cidr = values.get("cidr_ip") or _WORLD
    given = {"protocol": protocol, "cidr": cidr, **({} if protocol == "icmp" else {"ports": ports})}
    for field in FIREWALL.fields:
        problem = unfit(field.kind, given[field.name]) if field.name in given else ""
        if problem:
            return Comment(text=f"[permission {name}] {protocol} {ports} from {cidr}: {problem}")
    world = "open to the whole internet, as in StarCluster" if cidr == _WORLD else ""
    items = [
        *([Attribute(name="ports", value=ports)] if protocol != "icmp" else ()),
        *([Attribute(name="protocol", value=protocol)] if protocol != "tcp" else ()),
        Attribute(name="cidr", value=(cidr,), comment=world),
    ]
    return Block(kind="firewall", label=_name(name), items=tuple(items), comment=_others(values, _PERMISSION))


def _name(text: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", text)
    return (name if name[:1].isalpha() else f"p-{name}")[:32]
