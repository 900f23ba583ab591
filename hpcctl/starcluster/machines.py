"""The head and the groups of compute nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hpcctl.spec.schema import kinds
from hpcctl.spec.schema.groups import COMPUTE, HEAD
from hpcctl.spec.schema.model import Block as Grammar
from hpcctl.starcluster.fitting import fitting, number, yes
from hpcctl.starcluster.items import Attribute, Block, Comment, Item
from hpcctl.starcluster.known import word_on_image, word_on_type
from hpcctl.starcluster.reading import listed

_LETTERS = "bcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, kw_only=True)
class Workers:
    """One entry of NODE_INSTANCE_TYPE: so many nodes of a type, perhaps with an image of their own."""

    instance_type: str
    count: int
    image: str | None = None


def machines(settings: Mapping[str, str], *, master_runs_jobs: bool) -> Iterator[Item]:
    """``head`` and ``compute``."""
    types = listed(settings.get("node_instance_type", ""))
    yield _head(settings, types[-1] if types else "", master_runs_jobs)
    size = number(settings.get("cluster_size", ""))
    if size is None or size < 1:
        yield Comment(
            text=f"CLUSTER_SIZE = {settings.get('cluster_size', '')}: a number of nodes is needed here"
        )
        return
    workers, problems = _workers(types, size - 1)
    yield from (Comment(text=problem) for problem in problems)
    for position, each in enumerate(reversed(workers)):
        name = "node" if position == 0 else f"node{_LETTERS[(position - 1) % len(_LETTERS)]}"
        yield _group(name, each, settings)


def _workers(types: tuple[str, ...], wanted: int) -> tuple[list[Workers], list[str]]:
    """TYPE[:IMAGE][:COUNT], …, TYPE: the last one is that of all nodes that are left."""
    found: list[Workers] = []
    problems = []
    for entry in types[:-1]:
        instance_type, *rest = entry.split(":")
        image = next((word for word in rest if number(word) is None), None)
        count = next((each for each in map(number, rest) if each is not None), 1)
        if len(rest) > 2 or count < 1:
            problems.append(f"NODE_INSTANCE_TYPE {entry}: not of the form TYPE:IMAGE:COUNT")
        else:
            found.append(Workers(instance_type=instance_type, count=count, image=image))
    left = wanted - sum(each.count for each in found)
    if left < 0:
        problems.append(
            f"NODE_INSTANCE_TYPE asks for {-left} nodes more than CLUSTER_SIZE has beside the head"
        )
    elif left and types:
        found.append(Workers(instance_type=types[-1].split(":")[0], count=left))
    return found, problems


def _head(settings: Mapping[str, str], default: str, runs_jobs: bool) -> Block:
    instance_type = settings.get("master_instance_type") or default.split(":", maxsplit=1)[0]
    items = [_type(instance_type, HEAD, "MASTER_INSTANCE_TYPE")] if instance_type else []
    image = settings.get("master_image_id")
    if image and image != settings.get("node_image_id"):
        items.append(_image(image, HEAD, "MASTER_IMAGE_ID"))
    if not runs_jobs:
        items.append(Attribute(name="runs_jobs", value=False))
    if yes(settings.get("force_spot_master")):
        items += _bid(settings, HEAD)
    return Block(kind="head", items=(*items, *_of_all(settings, HEAD)))


def _group(name: str, workers: Workers, settings: Mapping[str, str]) -> Block:
    items: list[Item] = [
        _type(workers.instance_type, COMPUTE, "NODE_INSTANCE_TYPE"),
        fitting(COMPUTE, Attribute(name="count", value=workers.count), said="CLUSTER_SIZE"),
        *([_image(workers.image, COMPUTE, "NODE_INSTANCE_TYPE")] if workers.image else ()),
        *_bid(settings, COMPUTE),
        *_of_all(settings, COMPUTE),
    ]
    return Block(kind="compute", label=name, items=tuple(items))


def _type(instance_type: str, grammar: Grammar, said: str) -> Item:
    attribute = Attribute(name="type", value=instance_type, comment=word_on_type(instance_type))
    return fitting(grammar, attribute, said=f"{said} = {instance_type}")


def _image(image: str, grammar: Grammar, said: str) -> Item:
    attribute = Attribute(name="image", value=image, comment=word_on_image(image))
    return fitting(grammar, attribute, said=f"{said} = {image}")


def _bid(settings: Mapping[str, str], grammar: Grammar) -> list[Item]:
    text = settings.get("spot_bid")
    if not text:
        return []
    try:
        bid = float(text)
    except ValueError:
        return [Comment(text=f"SPOT_BID = {text}: not a price; expected {kinds.USD.expected}")]
    attribute = Attribute(name="spot_max_price", value=bid)
    return [fitting(grammar, attribute, said=f"SPOT_BID = {text}")]


def _of_all(settings: Mapping[str, str], grammar: Grammar) -> Iterator[Item]:
    if settings.get("subnet_id") and not yes(settings.get("public_ips")):
        yield Attribute(name="public_address", value=False)
    scripts = listed(settings.get("userdata_scripts", ""))
    if scripts:
        yield fitting(grammar, Attribute(name="user_data", value=scripts), said="USERDATA_SCRIPTS")
