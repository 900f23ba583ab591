"""AWS by boto3: what it offers, what is there. Reading only; Terraform makes and removes.

boto3 itself is imported with the first call, not with this package.
"""

from hpcctl.aws.base import Leftovers, Standing, find_base, free_addresses, has_s3_endpoint, leftovers
from hpcctl.aws.connect import send_public_key
from hpcctl.aws.consoles import console_output
from hpcctl.aws.hostkeys import host_key_tag, tag_host_key
from hpcctl.aws.inquiry import mount_targets_in, preflight, usable_zones
from hpcctl.aws.resources import Absence, Resource, ResourceKind, absences, resources_of
from hpcctl.aws.states import InstanceState, dying, instances, instances_of

__all__ = [
    "Absence",
    "InstanceState",
    "Leftovers",
    "Resource",
    "ResourceKind",
    "Standing",
    "absences",
    "console_output",
    "dying",
    "find_base",
    "free_addresses",
    "has_s3_endpoint",
    "host_key_tag",
    "instances",
    "instances_of",
    "leftovers",
    "mount_targets_in",
    "preflight",
    "resources_of",
    "send_public_key",
    "tag_host_key",
    "usable_zones",
]
