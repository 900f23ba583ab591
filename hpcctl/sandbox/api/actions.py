"""How IAM names what a request asks for: its service, its action, and who sends it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from hpcctl.sandbox.calls import Agent

_BUCKET_NOUNS = {
    "accelerate": "AccelerateConfiguration",
    "acl": "BucketAcl",
    "cors": "BucketCORS",
    "encryption": "EncryptionConfiguration",
    "lifecycle": "LifecycleConfiguration",
    "location": "BucketLocation",
    "logging": "BucketLogging",
    "notification": "BucketNotification",
    "object-lock": "BucketObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "ReplicationConfiguration",
    "requestPayment": "BucketRequestPayment",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
"""A part of a bucket, as the query of a request names it and as IAM does."""

_OWN_DELETE = ("policy", "website")
"""IAM has an action of its own for their removal; removing any other part is a change of it."""

_BUCKET = {"HEAD": "ListBucket", "GET": "ListBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}
_OBJECT_VERBS = {"HEAD": "Get", "GET": "Get", "PUT": "Put", "POST": "Put", "DELETE": "Delete"}


def service_of(environ: dict[str, Any], *, otherwise: str) -> str:
    """The service in the scope of the signature; ``otherwise`` for a request without one."""
    _, _, scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")
    parts = scope.partition(",")[0].split("/")
    return str(parts[3]) if len(parts) == 5 else otherwise


def action_of(environ: dict[str, Any], service: str, body: bytes) -> str:
    """The action: named in the body or in a header, or for S3 what method, path and query mean."""
    if service == "s3":
        return _s3_action(environ)
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return str(target).rpartition(".")[2]
    query: str = body.decode(errors="replace") or environ.get("QUERY_STRING", "")
    return parse_qs(query).get("Action", [""])[0]


def agent_of(environ: dict[str, Any]) -> Agent:
    """Who sends a request that came over loopback, by its own account."""
    name = environ.get("HTTP_USER_AGENT", "")
    if "Terraform/" in name:
        return Agent.TERRAFORM
    return Agent.HPCCTL if "hpcctl" in name.split() else Agent.OTHER


def _s3_action(environ: dict[str, Any]) -> str:
    method = environ["REQUEST_METHOD"]
    query = set(parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    bucket, _, key = environ["PATH_INFO"].strip("/").partition("/")
    if not bucket:
        return "ListAllMyBuckets"
    return _object_action(method, query) if key else _bucket_action(method, query)


def _bucket_action(method: str, query: set[str]) -> str:
    if method == "POST":  # the only one without a key is the removal of many objects
        return "DeleteObject"
    if method == "GET" and query & {"versions", "uploads"}:
        return "ListBucketVersions" if "versions" in query else "ListBucketMultipartUploads"
    for part in query & set(_BUCKET_NOUNS):
        removes = method == "DELETE" and part in _OWN_DELETE
        verb = "Get" if method in ("GET", "HEAD") else "Delete" if removes else "Put"
        return verb + _BUCKET_NOUNS[part]
    return _BUCKET[method]


def _object_action(method: str, query: set[str]) -> str:
    if "uploadId" in query and method in ("GET", "DELETE"):
        return "ListMultipartUploadParts" if method == "GET" else "AbortMultipartUpload"
    noun = "ObjectAcl" if "acl" in query else "ObjectTagging" if "tagging" in query else "Object"
    versioned = "versionId" in query and method != "PUT"
    if not versioned:
        return _OBJECT_VERBS[method] + noun
    return _OBJECT_VERBS[method] + noun.replace("Object", "ObjectVersion", 1)
