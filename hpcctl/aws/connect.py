"""EC2 Instance Connect: a way in that needs AWS permission and no secret that was shared before."""

from __future__ import annotations

from hpcctl.aws.session import explained, instance_connect
from hpcctl.spec.model import Cloud

LASTS_SECONDS = 60
"""So long the instance accepts the key."""


def send_public_key(cloud: Cloud, *, instance_id: str, zone: str, user: str, public_key: str) -> None:
    """Let whoever has the private half log in as ``user`` for a minute.

    CloudError where that is not allowed (ec2-instance-connect:SendSSHPublicKey), or the instance does not run.
    """
    with explained(cloud, f"send a public key to the instance {instance_id}"):
        instance_connect(cloud).send_ssh_public_key(
            InstanceId=instance_id,
            InstanceOSUser=user,
            SSHPublicKey=public_key,
            AvailabilityZone=zone,
        )
