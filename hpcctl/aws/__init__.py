"""AWS by boto3: what it offers, what is there. Reading only; Terraform makes and removes.

boto3 itself is imported with the first call, not with this package.
"""

from hpcctl.aws.base import Leftovers, find_base, free_addresses, leftovers
from hpcctl.aws.inquiry import preflight
from hpcctl.aws.resources import Resource, ResourceKind, resources_of
from hpcctl.aws.states import InstanceState, instances, instances_of

__all__ = [
    "InstanceState",
    "Leftovers",
    "Resource",
    "ResourceKind",
    "find_base",
    "free_addresses",
    "instances",
    "instances_of",
    "leftovers",
    "preflight",
    "resources_of",
]
