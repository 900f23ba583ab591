"""The difference between this machine's clock and the cloud's: AWS refuses requests that are signed 5 minutes off."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

TOLERATED_SECONDS = 300


def answered_at(answer: Mapping[str, Any]) -> datetime | None:
    """When the cloud gave this answer, or refusal, by its own clock; None where it does not say."""
    try:
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        return parsedate_to_datetime(headers["date"]).astimezone(timezone.utc)
    except (KeyError, TypeError, ValueError):
        return None


def seconds_ahead(answer: Mapping[str, Any]) -> float | None:
    """By how much this machine is ahead of the cloud that has just answered; None where it does not say."""
    there = answered_at(answer)
    return time.time() - there.timestamp() if there else None
