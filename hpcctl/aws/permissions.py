"""What the caller may do, tried without doing it: EC2 says whether it would have (DryRun)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hpcctl.aws.session import ec2, explained
from hpcctl.errors import CloudError
from hpcctl.spec.model import Cloud
from hpcctl.spec.tags import CLUSTER_TAG, ID_TAG, OWNER_TAG

REFUSED = "UnauthorizedOperation"

Trial = tuple[str, Callable[[], object]]
_NAME = "hpcctl-doctor-00000000"
_SOME_KEY = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"


def refused_in_account(cloud: Cloud, *, image_id: str, instance_type: str) -> tuple[str, ...]:
    """Permissions that `create` needs and that are refused. The requests carry the tags that real ones carry."""
    client = ec2(cloud)
    instance: Any = {
        "MinCount": 1,
        "MaxCount": 1,
        "ImageId": image_id,
        "InstanceType": instance_type,
        **_tagged(cloud, "instance", "volume"),
    }
    group = {"GroupName": _NAME, "Description": _NAME, **_tagged(cloud, "security-group")}
    key = {"KeyName": _NAME, "PublicKeyMaterial": _SOME_KEY, **_tagged(cloud, "key-pair")}
    placement = {"GroupName": _NAME, "Strategy": "cluster", **_tagged(cloud, "placement-group")}
    return _refused(
        cloud,
        (
            ("ec2:RunInstances", lambda: client.run_instances(DryRun=True, **instance)),
            ("ec2:CreateSecurityGroup", lambda: client.create_security_group(DryRun=True, **group)),
            ("ec2:ImportKeyPair", lambda: client.import_key_pair(DryRun=True, **key)),
            ("ec2:CreatePlacementGroup", lambda: client.create_placement_group(DryRun=True, **placement)),
        ),
    )


def _tagged(cloud: Cloud, *kinds: str) -> dict[str, Any]:
    words = {CLUSTER_TAG: "doctor", ID_TAG: "00000000", OWNER_TAG: cloud.owner}
    tags = [{"Key": key, "Value": value} for key, value in words.items()]
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": tags} for kind in kinds]}


def refused_on_instances(cloud: Cloud, ids: Sequence[str]) -> tuple[str, ...]:
    """Permissions that `stop`, `start`, `restart` and `terminate` need on these, and that are refused."""
    client, chosen = ec2(cloud), list(ids)
    trials: Sequence[Trial] = (
        ("ec2:StopInstances", lambda: client.stop_instances(DryRun=True, InstanceIds=chosen)),
        ("ec2:StartInstances", lambda: client.start_instances(DryRun=True, InstanceIds=chosen)),
        ("ec2:RebootInstances", lambda: client.reboot_instances(DryRun=True, InstanceIds=chosen)),
        ("ec2:TerminateInstances", lambda: client.terminate_instances(DryRun=True, InstanceIds=chosen)),
    )
    return _refused(cloud, trials)


def _refused(cloud: Cloud, trials: Sequence[Trial]) -> tuple[str, ...]:
    with ThreadPoolExecutor(len(trials)) as pool:
        answers = pool.map(lambda trial: _is_refused(cloud, trial), trials)
        return tuple(name for (name, _), refused in zip(trials, answers, strict=True) if refused)


def _is_refused(cloud: Cloud, trial: Trial) -> bool:
    """Any other answer than a refusal means that the permission was not what was missing."""
    name, attempt = trial
    try:
        with explained(cloud, f"try {name}"):
            attempt()
    except CloudError as error:
        if error.code == REFUSED:
            return True
        if not error.code:  # no answer at all
            raise
    return False
