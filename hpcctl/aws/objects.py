"""Objects of one bucket, written only over what was read before: S3's conditional requests."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from hpcctl.aws.session import explained, s3
from hpcctl.errors import ChangedMeanwhile, CloudError, NoBucket
from hpcctl.spec.model import Cloud

T = TypeVar("T")
_BUSY_ATTEMPTS = 5
_BUSY_SECONDS = 0.2
_ABSENT = ("NoSuchKey", "404")
_CHANGED = ("PreconditionFailed", "412", "NoSuchKey", "404")
_BUSY = ("ConditionalRequestConflict", "OperationAborted", "409")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A bucket, where it is, and the account that must own it: names of buckets can be taken by anybody."""

    cloud: Cloud
    bucket: str
    account: str


@dataclass(frozen=True, kw_only=True)
class Stored:
    """An object as it was read; ``age_seconds`` since it was written, by S3's own clock."""

    body: bytes
    etag: str
    age_seconds: float


def read(place: Place, key: str) -> Stored | None:
    """The object, or None where there is none. NoBucket if that is gone."""

    def ask() -> Stored:
        answer = s3(place.cloud).get_object(Bucket=place.bucket, Key=key, ExpectedBucketOwner=place.account)
        now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
        age = (now - answer["LastModified"]).total_seconds()
        return Stored(body=answer["Body"].read(), etag=answer["ETag"], age_seconds=age)

    try:
        return _call(place, f"read {key}", ask)
    except CloudError as error:
        if error.code in _ABSENT:
            return None
        raise


def write(place: Place, key: str, body: bytes, *, over: str | None) -> str:
    """Put the object; its new ETag. ``over`` is the ETag that it must have now, None: it must not exist.

    ChangedMeanwhile where that does not hold.
    """
    condition: dict[str, Any] = {"IfMatch": over} if over else {"IfNoneMatch": "*"}

    def put() -> str:
        answer = s3(place.cloud).put_object(
            Bucket=place.bucket,
            Key=key,
            Body=body,
            ContentType="application/json",
            ExpectedBucketOwner=place.account,
            **condition,
        )
        return answer["ETag"]

    try:
        return _conditional(place, key, f"write {key}", put)
    except ChangedMeanwhile:
        # An answer that was lost is asked for again, and then our own writing stands in the way.
        present = read(place, key)
        if present and present.body == body:
            return present.etag
        raise


def delete(place: Place, key: str, *, over: str | None = None) -> None:
    """Remove the object (its versions stay); with ``over`` only the one of that ETag, else ChangedMeanwhile."""
    condition: dict[str, Any] = {"IfMatch": over} if over else {}

    def remove() -> None:
        s3(place.cloud).delete_object(
            Bucket=place.bucket, Key=key, ExpectedBucketOwner=place.account, **condition
        )

    _conditional(place, key, f"remove {key}", remove)


def etags(place: Place, prefix: str) -> dict[str, str]:
    """The ETags of all objects below ``prefix``, by key. One call for each thousand of them."""

    def ask() -> dict[str, str]:
        pages = s3(place.cloud).get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=place.bucket, Prefix=prefix, ExpectedBucketOwner=place.account)
        return {entry["Key"]: entry["ETag"] for page in found for entry in page.get("Contents", ())}

    return _call(place, f"list {prefix}", ask)


def is_complete(place: Place) -> bool:
    """Does the bucket exist, with versions, and closed to the public and to plain HTTP?"""

    def ask() -> bool:
        client, bucket, owner = s3(place.cloud), place.bucket, place.account
        versioning = client.get_bucket_versioning(Bucket=bucket, ExpectedBucketOwner=owner)
        client.get_bucket_policy(Bucket=bucket, ExpectedBucketOwner=owner)
        client.get_public_access_block(Bucket=bucket, ExpectedBucketOwner=owner)
        return versioning.get("Status") == "Enabled"

    try:
        with explained(place.cloud, f"look at the bucket {place.bucket}"):
            return ask()
    except CloudError as error:
        if error.code in ("NoSuchBucket", "NoSuchBucketPolicy", "NoSuchPublicAccessBlockConfiguration"):
            return False
        raise _closed(place, error) from error


def _conditional(place: Place, key: str, action: str, call: Callable[[], T]) -> T:
    """S3 may answer "busy" to one of two requests that come at the same moment: that one is tried again."""
    for attempt in range(_BUSY_ATTEMPTS):
        try:
            return _call(place, action, call)
        except CloudError as error:
            if error.code in _CHANGED:
                raise ChangedMeanwhile(
                    f"{key} in the bucket {place.bucket} was changed by somebody else", code=error.code
                ) from error
            if error.code not in _BUSY or attempt == _BUSY_ATTEMPTS - 1:
                raise
            time.sleep(_BUSY_SECONDS * 2**attempt)
    raise AssertionError("the loop returns or raises")


def _call(place: Place, action: str, call: Callable[[], T]) -> T:
    try:
        with explained(place.cloud, f"{action} in the bucket {place.bucket}"):
            return call()
    except CloudError as error:
        if error.code == "NoSuchBucket":
            raise NoBucket(
                f"the bucket {place.bucket}, where the team's clusters are written down, is not there",
                hint="was it removed? `hpcctl create` or `hpcctl move` makes it anew; "
                "`hpcctl recover NAME` finds a cluster in the account itself",
            ) from error
        raise _closed(place, error) from error


def _closed(place: Place, error: CloudError) -> CloudError:
    if error.code not in ("AccessDenied", "403"):
        return error
    return CloudError(
        f"the bucket {place.bucket} is closed to you: {error.message}",
        hint=f"it must belong to the account {place.account}, and the credentials need s3:GetObject, "
        "s3:PutObject, s3:DeleteObject and s3:ListBucket on it",
        code=error.code,
    )
