"""boto3 clients for a Cloud, and AWS's refusals in our words."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from hpcctl.aws.clock import TOLERATED_SECONDS, seconds_ahead
from hpcctl.errors import CloudError, CredentialsError, UnreachableError
from hpcctl.nearest import did_you_mean
from hpcctl.spec.model import Cloud

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_pricing import PricingClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_service_quotas import ServiceQuotasClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

CONNECT_SECONDS = 5
READ_SECONDS = 30
THROTTLED_ATTEMPTS = 25
MOST_SECONDS = 8.0

_NOT_KNOWN = ("InvalidClientTokenId", "AuthFailure", "UnrecognizedClientException", "SignatureDoesNotMatch")
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired")
_SKEWED = ("RequestTimeTooSkewed", "InvalidSignatureException", *_NOT_KNOWN, *_EXPIRED)
"""What AWS may call it when a request was signed at another time than its own."""
_NOT_ALLOWED = ("UnauthorizedOperation", "AccessDenied", "AccessDeniedException")
_THROTTLED = ("RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException")

_lock = threading.Lock()  # a boto3 session makes clients one at a time; the clients may be shared by threads


def ec2(cloud: Cloud) -> EC2Client:
    """EC2, in the cloud's region."""
    client: EC2Client = _client(cloud, "ec2")
    return client


def sts(cloud: Cloud) -> STSClient:
    """Who the caller is."""
    client: STSClient = _client(cloud, "sts")
    return client


def ssm(cloud: Cloud) -> SSMClient:
    """Public parameters."""
    client: SSMClient = _client(cloud, "ssm")
    return client


def s3(cloud: Cloud) -> S3Client:
    """Buckets."""
    client: S3Client = _client(cloud, "s3")
    return client


def iam(cloud: Cloud) -> IAMClient:
    """Roles."""
    client: IAMClient = _client(cloud, "iam")
    return client


def quotas(cloud: Cloud) -> ServiceQuotasClient:
    """Service quotas."""
    client: ServiceQuotasClient = _client(cloud, "service-quotas")
    return client


def pricing(cloud: Cloud) -> PricingClient:
    """List prices."""
    client: PricingClient = _client(cloud, "pricing")
    return client


class InstanceConnect(Protocol):
    """The one call that we make there."""

    def send_ssh_public_key(
        self, *, InstanceId: str, InstanceOSUser: str, SSHPublicKey: str, AvailabilityZone: str
    ) -> object:
        """Show the key to the instance for a minute."""


class FileSystems(Protocol):
    """The one call that we make there."""

    def describe_mount_targets(self, *, FileSystemId: str) -> Mapping[str, Any]:
        """Where the file system can be mounted."""


def efs(cloud: Cloud) -> FileSystems:
    """EFS."""
    client: FileSystems = _client(cloud, "efs")
    return client


def instance_connect(cloud: Cloud) -> InstanceConnect:
    """EC2 Instance Connect."""
    client: InstanceConnect = _client(cloud, "ec2-instance-connect")
    return client


@contextmanager
def explained(cloud: Cloud, action: str) -> Iterator[None]:
    """Turn boto3's errors into ours; ``action`` says what was wanted, as in "describe the instances"."""
    from botocore import exceptions as botocore
    from botocore.parsers import ResponseParserError

    try:
        yield
    except botocore.ClientError as error:
        raise _refusal(cloud, action, error) from error
    except (botocore.NoCredentialsError, botocore.PartialCredentialsError, botocore.ProfileNotFound) as error:
        raise CredentialsError(f"no AWS credentials: {error}", hint=_log_in(cloud)) from error
    except (
        botocore.CredentialRetrievalError,
        botocore.SSOError,
        botocore.UnauthorizedSSOTokenError,
    ) as error:
        raise CredentialsError(f"the AWS credentials cannot be used: {error}", hint=_log_in(cloud)) from error
    except (botocore.HTTPClientError, botocore.ConnectionError) as error:
        raise _unreachable(cloud, error) from error
    except ResponseParserError as error:  # it quotes the whole answer
        place = _place(cloud.endpoint_url) if cloud.endpoint_url else "AWS"
        raise CloudError(
            f"cannot {action}: the answer of {place} cannot be read",
            hint="is there a proxy, or a page that asks to log in to the network, between here and AWS?",
        ) from error
    except botocore.BotoCoreError as error:
        raise CloudError(f"cannot {action}: {error}") from error


def _client(cloud: Cloud, service: str) -> Any:
    with _lock:
        return _cached_client(cloud, service)


@lru_cache(maxsize=64)
def _cached_client(cloud: Cloud, service: Any) -> Any:
    client = _session(cloud).client(service, endpoint_url=cloud.endpoint_url, config=_config(cloud))
    client.meta.events.register("needs-retry", _patience)
    return client


def _config(cloud: Cloud) -> Config:
    from botocore.config import Config

    own_endpoint: dict[str, Any] = (
        {"proxies": {}, "s3": {"addressing_style": "path"}} if cloud.endpoint_url else {}
    )
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 5},
        max_pool_connections=20,
        user_agent_extra="hpcctl",
        **own_endpoint,
    )


def _patience(response: Any = None, attempts: int = 0, **_: object) -> float | None:
    """Seconds until a call that AWS slowed down is made again: it will be answered, unlike one that finds no AWS."""
    if response is None or attempts >= THROTTLED_ATTEMPTS:
        return None
    code = response[1].get("Error", {}).get("Code", "")
    return random.uniform(0.5, 1.0) * min(2.0**attempts / 4, MOST_SECONDS) if code in _THROTTLED else None


@lru_cache(maxsize=16)
def _session(cloud: Cloud) -> boto3.Session:
    with explained(cloud, "read the AWS profile"):
        own = _own_session(cloud)
        if cloud.role_arn is None:
            return own
        from hpcctl.aws.roles import assumed

        return assumed(own, cloud, cloud.role_arn, _config(cloud))


def _own_session(cloud: Cloud) -> boto3.Session:
    """With the caller's own credentials."""
    import boto3

    if cloud.endpoint_url:  # an API of one's own checks no credentials, and must never see real ones
        return boto3.Session("sandbox", "sandbox", region_name=cloud.region)
    return boto3.Session(profile_name=cloud.aws_profile, region_name=cloud.region)


def _refusal(cloud: Cloud, action: str, error: Any) -> CloudError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    text = str(error.response.get("Error", {}).get("Message", "")).strip() or str(error)
    ahead = seconds_ahead(error.response)
    if code in _SKEWED and ahead and abs(ahead) >= TOLERATED_SECONDS:
        off = f"{abs(ahead) / 60:.0f} minutes {'ahead' if ahead > 0 else 'behind'}"
        return CredentialsError(
            f"the clock of this machine is {off}, so AWS refuses its requests ({code})",
            hint="set the clock, such as with: sudo timedatectl set-ntp true",
            code=code,
        )
    if code in _EXPIRED:
        return CredentialsError("the AWS credentials have expired", hint=_log_in(cloud), code=code)
    if code in _NOT_KNOWN:
        return CredentialsError(
            f"AWS does not accept the credentials ({code})", hint=_log_in(cloud), code=code
        )
    if code == "OptInRequired":
        hint = f"enable the region {cloud.region} for the account, or choose another with --region"
        return CloudError(f"the account may not use the region {cloud.region}", hint=hint, code=code)
    if code in _NOT_ALLOWED:
        hint = f"the credentials need the permission {getattr(error, 'operation_name', '')}"
        return CloudError(f"not allowed to {action}: {text}", hint=hint, code=code)
    hint = "AWS is busy; try again in a minute" if code in _THROTTLED else ""
    return CloudError(f"cannot {action}: {text} ({code})", hint=hint, code=code)


def _log_in(cloud: Cloud) -> str:
    profile = f" --profile {cloud.aws_profile}" if cloud.aws_profile else ""
    return (
        f"run: aws configure{profile} (or aws sso login{profile}); "
        "or choose another profile with --profile; without an account: --profile sandbox"
    )


def _unreachable(cloud: Cloud, error: Exception) -> UnreachableError:
    if cloud.endpoint_url:
        hint = "is it running?"
        if cloud.profile == "sandbox":
            hint = "if the sandbox has died, so have its clusters: `hpcctl sandbox down` clears what is left of them"
        return UnreachableError(f"nothing answers at {_place(cloud.endpoint_url)}", hint=hint)
    regions = _session(cloud).get_available_regions("ec2")
    hint = "is there a network?"
    if cloud.region not in regions:
        hint = did_you_mean(cloud.region, regions, otherwise=f"is {cloud.region} the name of a region?")
    return UnreachableError(f"AWS does not answer in {cloud.region}: {error}", hint=hint)


def _place(url: str) -> str:
    """A URL without its path, which may be what keeps others out."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
