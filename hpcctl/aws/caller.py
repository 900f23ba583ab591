"""Who calls, and from which address."""

from __future__ import annotations

import ipaddress
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hpcctl.aws.clock import seconds_ahead
from hpcctl.aws.session import explained, sts
from hpcctl.errors import Problem, SpecError
from hpcctl.spec.model import Cloud

ADDRESS_SERVICE = "https://checkip.amazonaws.com"
SECONDS = 5


def account(cloud: Cloud) -> str:
    """The number of the account; CredentialsError where there are no credentials that work."""
    with explained(cloud, "ask AWS who you are"):
        return sts(cloud).get_caller_identity()["Account"]


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who the credentials belong to."""

    account: str
    arn: str


def identity(cloud: Cloud) -> Identity:
    """The account and the user or role; CredentialsError where there are no credentials that work."""
    with explained(cloud, "ask AWS who you are"):
        answer = sts(cloud).get_caller_identity()
    return Identity(account=answer["Account"], arn=answer["Arn"])


def clock_ahead(cloud: Cloud) -> float | None:
    """By how many seconds this machine's clock is ahead of the cloud's; a refusal tells as well. None: not known."""
    from botocore.exceptions import ClientError

    with explained(cloud, "ask AWS for the time"):
        client = sts(cloud)
        try:
            answer: Mapping[str, Any] = client.get_caller_identity()
        except ClientError as error:
            answer = error.response
    return seconds_ahead(answer)


def own_network(cloud: Cloud) -> str:
    """The address under which this machine reaches the internet, as a network of one; or a SpecError."""
    try:
        with urllib.request.urlopen(cloud.address_service or ADDRESS_SERVICE, timeout=SECONDS) as answer:
            text = answer.read(100).decode("ascii").strip()
        return f"{ipaddress.IPv4Address(text)}/32"
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise SpecError(
            [
                Problem(
                    where="ssh_from",
                    what=f"your own address could not be found out ({reason})",
                    hint="say who may log in, such as --ssh-from 203.0.113.7",
                )
            ]
        ) from error
