"""An instance profile and a bucket that the user names, and that hpcctl only uses."""

from __future__ import annotations

from hpcctl.aws.base import bucket_exists
from hpcctl.aws.session import explained, iam, s3
from hpcctl.errors import CloudError, Problem, SpecError
from hpcctl.spec.model import Cloud

_NO_PROFILE = ("NoSuchEntity", "NoSuchEntityException")


def require_profile(cloud: Cloud, name: str) -> bool:
    """Has the instance profile a role? SpecError where there is none; CloudError where one may not ask."""
    try:
        with explained(cloud, f"look at the instance profile {name}"):
            found = iam(cloud).get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    except CloudError as error:
        if error.code not in _NO_PROFILE:
            raise
        what = f"there is no instance profile {name!r} in the account"
        raise SpecError([Problem(where="network.instance_profile", what=what)]) from error
    return bool(found["Roles"])


def require_bucket(cloud: Cloud, name: str) -> str:
    """The region of the bucket. SpecError where there is none; CloudError where one may not look at it."""
    if not bucket_exists(cloud, name):
        what = f"there is no bucket {name!r}"
        raise SpecError(
            [Problem(where="storage.permanent.bucket", what=what, hint="hpcctl makes none of that name")]
        )
    with explained(cloud, f"look at the bucket {name}"):
        headers = s3(cloud).head_bucket(Bucket=name)["ResponseMetadata"].get("HTTPHeaders", {})
    return headers.get("x-amz-bucket-region", "") or cloud.region
