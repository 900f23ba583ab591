"""The image that machines start from: Debian's newest for the architecture, or the one that was asked for."""

from __future__ import annotations

from dataclasses import dataclass

from hpcctl.aws.instancetypes import ARCHITECTURES
from hpcctl.aws.session import ec2, explained, ssm
from hpcctl.errors import CloudError, Problem, SpecError
from hpcctl.spec.model import Cloud, ImageBy, ImageChoice

PARAMETER = "/aws/service/debian/release/12/latest/"
DEBIAN_USER = "admin"


@dataclass(frozen=True, kw_only=True)
class Image:
    """An AMI and the user that the distribution made on it."""

    image_id: str
    user: str


@dataclass(frozen=True, kw_only=True)
class Images:
    """The images that come into question, by architecture."""

    by_architecture: tuple[tuple[str, Image], ...]
    asked_for: str | None = None

    def for_architecture(self, architecture: str) -> Image:
        """The one for an instance type. SpecError where none fits."""
        for present, image in self.by_architecture:
            if present == architecture:
                return image
        if self.asked_for:
            found = ", ".join(present for present, _ in self.by_architecture)
            raise SpecError(
                [
                    Problem(
                        where="--image",
                        what=f"{self.asked_for} is for {found}, and the instance type is {architecture}",
                        hint="choose an image of the same architecture, or leave --image out",
                    )
                ]
            )
        raise SpecError(
            [
                Problem(
                    where="TYPE",
                    what=f"there is no Debian 12 image for {architecture} in this region",
                    hint="name an image of your own with --image",
                )
            ]
        )


def find_images(cloud: Cloud, asked_for: ImageChoice | None) -> Images:
    """The image asked for, or Debian's for every architecture; the instance type need not be known yet."""
    return _own(cloud, asked_for.value) if asked_for and asked_for.by is ImageBy.ID else _debian(cloud)


def _debian(cloud: Cloud) -> Images:
    names = {f"{PARAMETER}{debian}": architecture for architecture, debian in ARCHITECTURES.items()}
    with explained(cloud, "look for the newest Debian image"):
        found = ssm(cloud).get_parameters(Names=list(names))["Parameters"]
    images = {names[one["Name"]]: Image(image_id=one["Value"], user=DEBIAN_USER) for one in found}
    return Images(by_architecture=tuple(images.items()))


def _own(cloud: Cloud, image_id: str) -> Images:
    try:
        with explained(cloud, f"describe the image {image_id}"):
            found = ec2(cloud).describe_images(ImageIds=[image_id])["Images"]
    except CloudError as error:
        if not error.code.startswith("InvalidAMIID"):
            raise
        found = []
    if not found or found[0].get("State", "available") != "available":
        what = f"there is no image {image_id} in {cloud.region} that you may use"
        raise SpecError([Problem(where="--image", what=what, hint="images belong to one region")])
    user = "ubuntu" if "ubuntu" in found[0].get("Name", "").lower() else DEBIAN_USER
    image = Image(image_id=image_id, user=user)
    return Images(by_architecture=((found[0]["Architecture"], image),), asked_for=image_id)
