"""What a machine has shown on its console: often the only witness of a boot that failed."""

from __future__ import annotations

from hpcctl.aws.session import ec2, explained
from hpcctl.errors import CloudError
from hpcctl.spec.model import Cloud


def console_output(cloud: Cloud, instance_id: str) -> str:
    """The end of the serial console, as late as the cloud has it; empty if it has nothing."""
    try:
        return _asked(cloud, instance_id, latest=True)
    except CloudError as error:
        if error.code != "UnsupportedOperation":  # only Nitro instances show the present state
            raise
        return _asked(cloud, instance_id, latest=False)


def _asked(cloud: Cloud, instance_id: str, *, latest: bool) -> str:
    with explained(cloud, f"read the console of {instance_id}"):
        return ec2(cloud).get_console_output(InstanceId=instance_id, Latest=latest).get("Output", "")
