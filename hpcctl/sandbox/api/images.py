"""The machine image as an AMI, published as Debian publishes its own: by name, owner and SSM parameter."""

from __future__ import annotations

import datetime
from typing import Any

import moto.ssm.urls
from moto.ec2.models.amis import Ami
from moto.ssm.models import Parameter, SimpleSystemManagerBackend

from hpcctl.sandbox.api.blockdevices import RootDevice

IMAGE_ID = "ami-0deb1a12000000001"
ROOT = RootDevice(name="/dev/xvda", gib=8)
_DEBIAN = "136693071363"
_PUBLISHED = datetime.datetime(2025, 5, 17, 1, 8, tzinfo=datetime.timezone.utc)
_PARAMETERS = (
    "/aws/service/debian/release/12/latest/amd64",
    "/aws/service/debian/daily/bookworm/latest/amd64",
)


class DebianImage(Ami):
    """An AMI whose root disk is as large as Debian's."""

    @property
    def block_device_mappings(self) -> list[dict[str, Any]]:
        """The root disk alone."""
        ebs = {
            "SnapshotId": self.ebs_snapshot.id,
            "VolumeSize": ROOT.gib,
            "DeleteOnTermination": True,
            "VolumeType": "gp3",
            "Encrypted": False,
        }
        return [{"DeviceName": self.root_device_name, "Ebs": ebs}]


def register(backend: Any) -> None:
    """Give the image to one region's EC2."""
    image = DebianImage(
        backend,
        IMAGE_ID,
        name="debian-12-amd64-20250517-2114",
        description="Debian 12 (20250517-2114)",
        owner_id=_DEBIAN,
        public=True,
        virtualization_type="hvm",
        architecture="x86_64",
        creation_date=_PUBLISHED.replace(tzinfo=None),
        image_location="amazon/debian-12-amd64-20250517-2114",
        hypervisor="xen",
        root_device_type="ebs",
        root_device_name=ROOT.name,
        region_name=f"{backend.region_name}a",
        boot_mode="uefi-preferred",
    )
    image.owner_alias = None
    image.ebs_snapshot.volume.size = ROOT.gib
    backend.amis[IMAGE_ID] = image


class SandboxParameters(SimpleSystemManagerBackend):
    """SSM with the public parameters that name the image."""

    _url_module = moto.ssm.urls

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        for name in _PARAMETERS:
            self._parameters[name].append(_parameter(name))


def _parameter(name: str) -> Parameter:
    return Parameter(  # type: ignore[abstract]
        account_id="",
        name=name,
        value=IMAGE_ID,
        parameter_type="String",
        description=None,
        allowed_pattern=None,
        keyid=None,
        last_modified_date=_PUBLISHED,
        version=1,
        data_type="aws:ec2:image",
    )
