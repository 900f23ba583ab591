"""The difference between this machine's clock and the cloud's: AWS refuses requests that are signed 5 minutes off."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from hpcctl.aws.session import explained, sts
from hpcctl.spec.model import Cloud

TOLERATED_SECONDS = 300


def answered_at(answer: Mapping[str, Any]) -> datetime | None:
    """When the cloud gave this answer, by its own clock; None where it does not say."""
    try:
        text = answer["ResponseMetadata"]["HTTPHeaders"]["date"]
        return parsedate_to_datetime(text).astimezone(timezone.utc)
    except (KeyError, TypeError, ValueError):
        return None


def clock_ahead(cloud: Cloud) -> float | None:
    """By how many seconds this machine is ahead of the cloud; a refusal has a date as well. None: not known."""
    from botocore.exceptions import ClientError

    with explained(cloud, "ask AWS for the time"):
        client = sts(cloud)
        try:
            answer: Mapping[str, Any] = client.get_caller_identity()
        except ClientError as error:
            answer = error.response
    there = answered_at(answer)
    return time.time() - there.timestamp() if there else None
