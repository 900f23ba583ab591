"""The names that the record of calls gives to requests: IAM's."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from hpcctl.sandbox.api.actions import agent_of
from hpcctl.sandbox.calls import Agent, Call, CallBook
from hpcctl.sandbox.client import SandboxClient

BUCKET = {"Bucket": "x-bucket"}
OBJECT = {**BUCKET, "Key": "a/b"}

TERRAFORM = (
    "APN/1.0 HashiCorp/1.0 Terraform/1.11.4 (+https://www.terraform.io) terraform-provider-aws/5.100.0 "
    "(+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.36.3 api/ec2#1.225.0"
)


@pytest.mark.parametrize(
    ("asked", "permission"),
    [
        (("ec2", "describe_instances", {}), "ec2:DescribeInstances"),
        (("iam", "get_role", {"RoleName": "x"}), "iam:GetRole"),
        (("sts", "get_caller_identity", {}), "sts:GetCallerIdentity"),
        (("ssm", "get_parameter", {"Name": "/x"}), "ssm:GetParameter"),
        (
            ("service-quotas", "get_service_quota", {"ServiceCode": "ec2", "QuotaCode": "L-1216C47A"}),
            "servicequotas:GetServiceQuota",
        ),
        (("s3", "list_buckets", {}), "s3:ListAllMyBuckets"),
        (("s3", "create_bucket", BUCKET), "s3:CreateBucket"),
        (("s3", "head_bucket", BUCKET), "s3:ListBucket"),
        (("s3", "list_objects_v2", BUCKET), "s3:ListBucket"),
        (("s3", "list_object_versions", BUCKET), "s3:ListBucketVersions"),
        (("s3", "delete_bucket", BUCKET), "s3:DeleteBucket"),
        (("s3", "get_bucket_encryption", BUCKET), "s3:GetEncryptionConfiguration"),
        (("s3", "get_public_access_block", BUCKET), "s3:GetBucketPublicAccessBlock"),
        (("s3", "put_bucket_policy", {**BUCKET, "Policy": "{}"}), "s3:PutBucketPolicy"),
        (("s3", "delete_bucket_policy", BUCKET), "s3:DeleteBucketPolicy"),
        (("s3", "delete_bucket_tagging", BUCKET), "s3:PutBucketTagging"),
        (("s3", "put_object", OBJECT), "s3:PutObject"),
        (("s3", "head_object", OBJECT), "s3:GetObject"),
        (("s3", "get_object", {**OBJECT, "VersionId": "1"}), "s3:GetObjectVersion"),
        (("s3", "delete_object", OBJECT), "s3:DeleteObject"),
        (("s3", "delete_objects", {**BUCKET, "Delete": {"Objects": [{"Key": "a"}]}}), "s3:DeleteObject"),
        (("s3", "get_object_tagging", OBJECT), "s3:GetObjectTagging"),
        (("s3", "create_multipart_upload", OBJECT), "s3:PutObject"),
        (("s3", "abort_multipart_upload", {**OBJECT, "UploadId": "1"}), "s3:AbortMultipartUpload"),
    ],
)
def test_a_request_is_recorded_by_the_permission_that_it_needs(
    connect: Callable[[str], Any], endpoint: str, asked: tuple[str, str, dict[str, Any]], permission: str
) -> None:
    service, method, request = asked
    if service == "s3" and method != "create_bucket":
        connect("s3").create_bucket(**BUCKET)
    control = SandboxClient(url=endpoint)
    control.clear_calls()
    with contextlib.suppress(ClientError):  # that it was asked counts, not what the answer was
        getattr(connect(service), method)(**request)
    (call,) = control.calls()
    assert (call.permission, call.agent, call.count) == (permission, Agent.OTHER, 1)


def test_who_calls_is_known_by_its_name(
    endpoint: str, connect: Callable[[str], Any], session: boto3.Session
) -> None:
    ours = session.client("ec2", endpoint_url=endpoint, config=Config(user_agent_extra="hpcctl"))
    control = SandboxClient(url=endpoint)
    ours.describe_vpcs()
    ours.describe_vpcs()
    connect("ec2").describe_vpcs()
    assert {(call.agent, call.count) for call in control.calls()} == {(Agent.HPCCTL, 2), (Agent.OTHER, 1)}
    assert agent_of({"HTTP_USER_AGENT": TERRAFORM}) is Agent.TERRAFORM


def test_a_book_counts_until_it_is_cleared() -> None:
    book = CallBook()
    for _ in range(3):
        book.add("ec2", "RunInstances", Agent.TERRAFORM)
    (call,) = book.calls()
    assert call == Call(service="ec2", action="RunInstances", agent=Agent.TERRAFORM, count=3)
    assert Call.from_json(call.to_json()) == call
    book.clear()
    assert book.calls() == ()
