"""The head and the compute groups: what goes together, and their records."""

from __future__ import annotations

from collections.abc import Iterator

from hpcctl.errors import Problem
from hpcctl.spec.document.model import problem_at
from hpcctl.spec.model import HEAD, ImageBy, ImageChoice, NodeGroup, Script, Spot
from hpcctl.spec.schema.groups import MAX_NODES
from hpcctl.spec.schema.kinds import DISTRIBUTIONS
from hpcctl.spec.schema.model import Body


def bodies_of(cluster: Body) -> tuple[Body, ...]:
    """The head, then the compute groups."""
    return (*cluster.all("head"), *cluster.all("compute"))


def count_of(cluster: Body) -> int | None:
    """All nodes, the head included; None where a group's number is not known."""
    counts = [body.whole("count") for body in cluster.all("compute")]
    return None if None in counts else 1 + sum(count for count in counts if count is not None)


def group_problems(cluster: Body) -> Iterator[Problem]:
    """What does not go together."""
    for body in bodies_of(cluster):
        yield from image_problems(body)
        if body.given("spot_max_price") and body.given("spot") and body.yes("spot") is False:
            hint = "leave out spot, or spot_max_price"
            yield problem_at(
                body.place("spot_max_price"), "a price for spot capacity, and spot is false", hint
            )
    yield from _head_problems(cluster)
    yield from _count_problems(cluster)


def image_problems(body: Body) -> Iterator[Problem]:
    """An image is named in one way."""
    if body.given("image") and body.given("image_name"):
        yield problem_at(
            body.place("image_name"), "image and image_name name two images", "leave one of them out"
        )
    if body.given("image_owner") and not body.given("image_name"):
        what = "image_owner says whose image_name is meant, and there is no image_name"
        yield problem_at(body.place("image_owner"), what, 'add image_name = "…", or leave image_owner out')


def group_notes(cluster: Body) -> Iterator[str]:
    """What is allowed and still worth a word."""
    head = cluster.one("head")
    if head.yes("spot") or head.given("spot_max_price"):
        yield (
            "the head is on spot capacity: when AWS takes it back, the cluster ends,"
            " and /share with it unless storage.share.keep is true"
        )
    for body in bodies_of(cluster):
        if body.yes("efa") and body.yes("placement") is False:
            yield f"{body.label or HEAD}: efa without placement: the network is slower than it could be"


def group_of(body: Body, scripts: tuple[Script, ...], *, head_type: str) -> NodeGroup:
    """The record of a group in which nothing is wrong."""
    return NodeGroup(
        name=body.label or HEAD,
        instance_type=body.text("type") or head_type,
        count=(body.whole("count") or 1) if body.block.field("count") else 1,
        spot=_spot(body),
        root_gib=body.whole("root_size") or 20,
        cpus_per_slot=body.whole("cpus_per_slot") or 1,
        hyper_threading=body.yes("hyper_threading") is not False,
        efa=body.yes("efa") is True,
        placement=body.yes("placement"),
        public_address=body.yes("public_address") is not False,
        runs_jobs=body.yes("runs_jobs") is not False if body.block.field("runs_jobs") else True,
        image=image_of(body),
        scripts=scripts,
    )


def image_of(body: Body) -> ImageChoice | None:
    """The image that is named, if any is."""
    image, name = body.text("image"), body.text("image_name")
    if image:
        by = ImageBy.DISTRIBUTION if image in DISTRIBUTIONS else ImageBy.ID
        return ImageChoice(by=by, value=image)
    if name:
        return ImageChoice(by=ImageBy.NAME, value=name, owner=body.text("image_owner") or "self")
    return None


def _spot(body: Body) -> Spot | None:
    if body.yes("spot") or body.given("spot_max_price"):
        return Spot(max_usd=body.number("spot_max_price"))
    return None


def _head_problems(cluster: Body) -> Iterator[Problem]:
    head = cluster.one("head")
    if head.yes("runs_jobs") is False and not cluster.all("compute") and cluster.text("scheduler") != "none":
        hint = 'add compute "node" { … }, or leave runs_jobs out'
        yield problem_at(head.place("runs_jobs"), "no node would run jobs", hint)
    if head.yes("public_address") is False and not cluster.one("network").given("subnet"):
        what = "a head without a public address cannot be reached in hpcctl's own network"
        hint = "name a subnet of yours that you reach: network { subnet = … }"
        yield problem_at(head.place("public_address"), what, hint)


def _count_problems(cluster: Body) -> Iterator[Problem]:
    nodes = count_of(cluster)
    if nodes is None:
        return
    if nodes > MAX_NODES:
        last = cluster.all("compute")[-1]
        hint = f"at most {MAX_NODES}, the head included"
        yield problem_at(last.place("count"), f"{nodes} nodes in all are too many", hint)
    least = cluster.whole("min_nodes")
    if least is not None and least > nodes:
        hint = f"expected a whole number from 1 to {nodes}: nodes to go on with, the head included"
        yield problem_at(cluster.place("min_nodes"), f"{least} is out of range", hint)
