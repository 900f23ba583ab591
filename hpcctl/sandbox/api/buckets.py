"""Bucket policies where moto is stricter than S3."""

from __future__ import annotations

import json
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult


def permission(bucket: Any, action: str, resource: str) -> Any:
    """What the bucket's policy says of ``action``; replaces moto's ``FakeBucket.get_permission``.

    Loopback counts as a secure transport, so ``Deny`` unless ``aws:SecureTransport`` denies nothing here; moto
    denies whenever a condition of a statement is *not* met.
    """
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(bucket.policy)
    statements = policy.get("Statement", [])
    statements = statements if isinstance(statements, list) else [statements]
    policy["Statement"] = [each for each in statements if not _asks_for_tls(each)]
    if not policy["Statement"]:
        return PermissionResult.NEUTRAL
    return IAMPolicy(policy).is_action_permitted(action, resource)


def _asks_for_tls(statement: dict[str, Any]) -> bool:
    condition = statement.get("Condition", {}).get("Bool", {})
    return statement.get("Effect") == "Deny" and str(condition.get("aws:SecureTransport")).lower() == "false"
