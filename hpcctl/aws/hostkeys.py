"""The head's public SSH host key as a tag: what another machine of the same account trusts the head by."""

from __future__ import annotations

from hpcctl.aws.session import ec2, explained
from hpcctl.aws.states import HOST_KEY_TAG, instances_of
from hpcctl.spec.model import Cloud, Role


def tag_host_key(cloud: Cloud, instance_id: str, public: str) -> None:
    """Put ``public`` ("ssh-ed25519 AAAA…") on the instance. CloudError where that is not allowed."""
    with explained(cloud, f"tag the instance {instance_id} with its host key"):
        ec2(cloud).create_tags(Resources=[instance_id], Tags=[{"Key": HOST_KEY_TAG, "Value": public}])


def host_key_tag(cloud: Cloud, cluster_id: str) -> str | None:
    """The public host key of a cluster's head; None where nobody has told it."""
    heads = (one for one in instances_of(cloud, cluster_id) if one.role is Role.HEAD)
    return next((head.host_key for head in heads), None)
