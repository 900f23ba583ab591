"""The images that machines start from: a distribution's newest, the newest of a name, or the one of an id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpcctl.aws.instancetypes import ARCHITECTURES
from hpcctl.aws.session import ec2, explained, ssm
from hpcctl.errors import CloudError
from hpcctl.spec.model import Cloud, ImageBy, ImageChoice

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import ImageTypeDef

DEBIAN_USER = "admin"
_UBUNTU_USER = "ubuntu"
_AT_ONCE = 10  # names in one GetParameters


@dataclass(frozen=True, kw_only=True)
class _Distribution:
    """How a distribution publishes its newest images: a parameter for every architecture (by Debian's name of it)."""

    parameter: str
    user: str


_CANONICAL = "/aws/service/canonical/ubuntu/server"
DISTRIBUTIONS = {
    "debian-12": _Distribution(parameter="/aws/service/debian/release/12/latest/{}", user=DEBIAN_USER),
    "debian-13": _Distribution(parameter="/aws/service/debian/release/13/latest/{}", user=DEBIAN_USER),
    "ubuntu-22.04": _Distribution(
        parameter=f"{_CANONICAL}/22.04/stable/current/{{}}/hvm/ebs-gp2/ami-id", user=_UBUNTU_USER
    ),
    "ubuntu-24.04": _Distribution(
        parameter=f"{_CANONICAL}/24.04/stable/current/{{}}/hvm/ebs-gp3/ami-id", user=_UBUNTU_USER
    ),
}


@dataclass(frozen=True, kw_only=True)
class Image:
    """An AMI and the user that the distribution made on it; ``root_gib`` is the least that its root disk takes."""

    image_id: str
    user: str
    architecture: str
    root_gib: int = 0


Images = dict[ImageChoice, tuple[Image, ...]]
"""What there is of each choice: one image for every architecture; nothing where there is no such image."""


def find_images(cloud: Cloud, choices: Iterable[ImageChoice]) -> Images:
    """All of them at the same time; the instance types need not be known yet."""
    asked = tuple(dict.fromkeys(choices))
    named = [choice for choice in asked if choice.by is ImageBy.DISTRIBUTION]
    ids = [choice for choice in asked if choice.by is ImageBy.ID]
    filters = [choice for choice in asked if choice.by is ImageBy.NAME]
    with ThreadPoolExecutor(4) as pool:
        distributions = pool.submit(_published, cloud, named)
        own = pool.submit(_by_id, cloud, ids)
        matching = [pool.submit(_by_name, cloud, choice) for choice in filters]
        newest = {choice: found.result() for choice, found in zip(filters, matching, strict=True)}
        return {**distributions.result(), **own.result(), **newest}


def for_architecture(images: Sequence[Image], architecture: str) -> Image | None:
    """The one for an instance type, if there is one."""
    return next((image for image in images if image.architecture == architecture), None)


def _published(cloud: Cloud, choices: Sequence[ImageChoice]) -> Images:
    names = {
        DISTRIBUTIONS[choice.value].parameter.format(debian): (choice, architecture)
        for choice in choices
        for architecture, debian in ARCHITECTURES.items()
    }
    found: dict[ImageChoice, tuple[Image, ...]] = {choice: () for choice in choices}
    if not names:
        return found
    with explained(cloud, "look for the newest images"):
        ordered = list(names)
        client = ssm(cloud)
        answers = [
            one
            for start in range(0, len(ordered), _AT_ONCE)
            for one in client.get_parameters(Names=ordered[start : start + _AT_ONCE])["Parameters"]
        ]
    for one in answers:
        choice, architecture = names[one["Name"]]
        user = DISTRIBUTIONS[choice.value].user
        image = Image(image_id=one["Value"], user=user, architecture=architecture)
        found[choice] = (*found[choice], image)
    return found


def _by_id(cloud: Cloud, choices: Sequence[ImageChoice]) -> Images:
    """All in one question; where one of them is wrong, one by one, to tell which."""
    if not choices:
        return {}
    try:
        with explained(cloud, f"describe {', '.join(choice.value for choice in choices)}"):
            answer = ec2(cloud).describe_images(ImageIds=[choice.value for choice in choices])["Images"]
    except CloudError as error:
        if not error.code.startswith("InvalidAMIID"):
            raise
        if len(choices) == 1:
            return {choices[0]: ()}
        return {choice: found for one in choices for choice, found in _by_id(cloud, [one]).items()}
    known = {image["ImageId"]: image for image in answer if image.get("State", "available") == "available"}
    return {choice: (_image(known[choice.value]),) if choice.value in known else () for choice in choices}


def _by_name(cloud: Cloud, choice: ImageChoice) -> tuple[Image, ...]:
    """The newest of every architecture."""
    filters = [{"Name": "name", "Values": [choice.value]}, {"Name": "state", "Values": ["available"]}]
    with explained(cloud, f"look for images called {choice.value}"):
        pages = ec2(cloud).get_paginator("describe_images").paginate(Owners=[choice.owner], Filters=filters)  # type: ignore[arg-type]
        found = [image for page in pages for image in page["Images"]]
    newest = sorted(found, key=lambda image: (image.get("CreationDate", ""), image["ImageId"]), reverse=True)
    by_architecture: dict[str, Image] = {}
    for image in newest:
        by_architecture.setdefault(image["Architecture"], _image(image))
    return tuple(by_architecture.values())


def _image(image: ImageTypeDef) -> Image:
    root = image.get("RootDeviceName")
    sizes = [
        one.get("Ebs", {}).get("VolumeSize", 0)
        for one in image.get("BlockDeviceMappings", ())
        if one.get("DeviceName") == root
    ]
    return Image(
        image_id=image["ImageId"],
        user=_UBUNTU_USER if "ubuntu" in image.get("Name", "").lower() else DEBIAN_USER,
        architecture=image["Architecture"],
        root_gib=max(sizes, default=0),
    )
