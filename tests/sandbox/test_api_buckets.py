"""S3 as s3fs and boto3 use it: paths, large bodies, listings, copies, names of metadata."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.sandbox

NAME = "hpcctl-bucket"
PART = 6 << 20


@pytest.fixture(scope="module")
def s3(connect: Callable[[str], Any]) -> Iterator[Any]:
    client = connect("s3")
    client.create_bucket(Bucket=NAME)
    yield client
    for entry in client.list_objects_v2(Bucket=NAME).get("Contents", []):
        client.delete_object(Bucket=NAME, Key=entry["Key"])
    client.delete_bucket(Bucket=NAME)


def _body(s3: Any, key: str) -> bytes:
    return bytes(s3.get_object(Bucket=NAME, Key=key)["Body"].read())


def test_an_object_comes_back_with_its_metadata(s3: Any) -> None:
    owner = {"uid": "1500", "gid": "1500", "mode": "33188", "with_underscore": "kept"}
    s3.put_object(Bucket=NAME, Key="folder/file", Body=b"text", Metadata=owner)
    assert s3.head_object(Bucket=NAME, Key="folder/file")["Metadata"] == owner
    assert _body(s3, "folder/file") == b"text"


def test_a_large_object_in_parts_comes_back_whole(s3: Any) -> None:
    parts = [os.urandom(PART), os.urandom(PART), os.urandom(1000)]
    upload = s3.create_multipart_upload(Bucket=NAME, Key="large", Metadata={"mode": "1"})["UploadId"]
    target = {"Bucket": NAME, "Key": "large", "UploadId": upload}
    tags = [
        {"PartNumber": number, "ETag": s3.upload_part(**target, PartNumber=number, Body=part)["ETag"]}
        for number, part in enumerate(parts, start=1)
    ]
    s3.complete_multipart_upload(**target, MultipartUpload={"Parts": tags})
    assert hashlib.sha256(_body(s3, "large")).digest() == hashlib.sha256(b"".join(parts)).digest()
    piece = s3.get_object(Bucket=NAME, Key="large", Range=f"bytes={PART - 2}-{PART + 1}")["Body"].read()
    assert piece == parts[0][-2:] + parts[1][:2]


def test_a_copy_onto_itself_changes_the_metadata(s3: Any) -> None:
    s3.put_object(Bucket=NAME, Key="own", Body=b"x", Metadata={"mode": "1"})
    source = {"Bucket": NAME, "Key": "own"}
    s3.copy_object(**source, CopySource=source, MetadataDirective="REPLACE", Metadata={"mode": "2"})
    assert s3.head_object(**source)["Metadata"] == {"mode": "2"}


def test_both_listings_know_folders(s3: Any) -> None:
    for key in ("a/1", "a/2", "b"):
        s3.put_object(Bucket=NAME, Key=f"list/{key}", Body=b"")
    for listing in (s3.list_objects, s3.list_objects_v2):
        found = listing(Bucket=NAME, Prefix="list/", Delimiter="/")
        assert [each["Prefix"] for each in found["CommonPrefixes"]] == ["list/a/"]
        assert [each["Key"] for each in found["Contents"]] == ["list/b"]


def test_a_policy_that_demands_a_secure_transport_does_not_lock_the_sandbox_out(s3: Any) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{NAME}/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(Bucket=NAME, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.put_object(Bucket=NAME, Key="policy", Body=b"in")
    assert _body(s3, "policy") == b"in"
    s3.delete_bucket_policy(Bucket=NAME)
