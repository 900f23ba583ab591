"""The names of what the base has, in an account and region: by these it is found again where no tag tells."""

from __future__ import annotations

from enum import Enum
from hashlib import sha256

from hpcctl.spec.model import ClusterSpec


class Part(str, Enum):
    """What the base can have, by the names of its Terraform modules. Each is made when a cluster first needs it."""

    NETWORK = "network"
    BUCKET = "bucket"
    ROLE = "node_role"


def base_bucket(account: str, region: str) -> str:
    """The bucket behind /permanent: bucket names are unique among all accounts."""
    return f"hpcctl-{account}-{region}"


def base_role(region: str, own_bucket: str | None = None) -> str:
    """The nodes' role, and its instance profile. Roles belong to the account, the base's bucket to a region.

    The role for a bucket of the user's own may use that bucket alone; role names have at most 64 characters.
    """
    name = f"hpcctl-{region}"
    return f"{name}-{sha256(own_bucket.encode()).hexdigest()[:10]}" if own_bucket else name


def needed_parts(spec: ClusterSpec) -> frozenset[Part]:
    """What of the base the cluster uses; nothing where all is the user's own."""
    parts = set()
    if not spec.network.subnet:
        parts.add(Part.NETWORK)
    if spec.permanent and not spec.bucket:
        parts.add(Part.BUCKET)
    if spec.permanent and not spec.network.instance_profile:
        parts.add(Part.ROLE)
    return frozenset(parts)
