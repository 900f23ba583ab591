from typing import Any

import pytest
from moto.ec2.exceptions import EC2ClientError

from hpcctl.sandbox.api.blockdevices import RootDevice, launch_mappings

ROOT = RootDevice(name="/dev/xvda", gib=8)


def _ebs(requested: list[dict[str, Any]]) -> dict[str, Any]:
    return {each["DeviceName"]: each["Ebs"] for each in launch_mappings(requested, ROOT)}


def test_the_root_disk_is_there_without_being_named() -> None:
    root = _ebs([{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 4}}])["/dev/xvda"]
    assert (root["VolumeSize"], root["DeleteOnTermination"], root["VolumeType"]) == (8, True, "gp3")


def test_the_root_disk_may_be_larger_encrypted_and_kept() -> None:
    wanted = {"VolumeSize": 30, "Encrypted": True, "DeleteOnTermination": False}
    root = _ebs([{"DeviceName": "/dev/xvda", "Ebs": wanted}])["/dev/xvda"]
    assert {name: root[name] for name in wanted} == wanted


def test_a_data_disk_stays_unless_the_request_says_otherwise() -> None:
    assert (
        _ebs([{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 4}}])["/dev/sdf"]["DeleteOnTermination"]
        is False
    )


def test_a_device_of_the_image_can_be_left_out() -> None:
    assert list(_ebs([{"DeviceName": "/dev/sdz", "NoDevice": ""}])) == ["/dev/xvda"]


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({"DeviceName": "/dev/sdf", "Ebs": {}}, "MissingParameter"),
        ({"Ebs": {"VolumeSize": 1}}, "MissingParameter"),
        ({"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 4}}, "InvalidBlockDeviceMapping"),
    ],
)
def test_what_ec2_refuses_is_refused(mapping: dict[str, Any], code: str) -> None:
    with pytest.raises(EC2ClientError) as caught:
        launch_mappings([mapping], ROOT)
    assert caught.value.code == code
