"""A role that is assumed with the credentials of somebody else; its keys are in memory only, and renewed in time."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from hpcctl.spec.model import Cloud

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config

NAME_LENGTH = 64
"""Of a session's name, as CloudTrail shows it."""


def assumed(source: boto3.Session, cloud: Cloud, role_arn: str, config: Config) -> boto3.Session:
    """A session of the role. Nothing is asked before the first call; NoCredentialsError where ``source`` has none."""
    import boto3
    from botocore.credentials import (
        AssumeRoleCredentialFetcher,
        CredentialProvider,
        CredentialResolver,
        DeferredRefreshableCredentials,
    )
    from botocore.exceptions import NoCredentialsError
    from botocore.session import Session

    class Known(CredentialProvider):
        """The whole chain of the new session: credentials that are there already."""

        METHOD = "custom-hpcctl-role"

        def load(self) -> DeferredRefreshableCredentials:
            return of_role

    credentials = source.get_credentials()
    if credentials is None:
        raise NoCredentialsError
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=partial(
            source.client, region_name=cloud.region, endpoint_url=cloud.endpoint_url, config=config
        ),
        source_credentials=credentials,
        role_arn=role_arn,
        extra_args={"RoleSessionName": session_name(cloud.owner)},
    )
    of_role = DeferredRefreshableCredentials(refresh_using=fetcher.fetch_credentials, method="assume-role")
    target = Session(profile=cloud.aws_profile)
    target.register_component("credential_provider", CredentialResolver([Known()]))
    return boto3.Session(botocore_session=target, region_name=cloud.region)


def session_name(owner: str) -> str:
    """Who it is, in the characters that STS takes."""
    return re.sub(r"[^\w+=,.@-]", "-", f"hpcctl-{owner}", flags=re.ASCII)[:NAME_LENGTH]
