"""From the name of a profile to the Cloud that it stands for.

``aws`` is built in (AWS with the standard credential chain), the profiles of config.hcl come next, then
those of the AWS CLI. ``sandbox`` is resolved by the command line, which alone knows of it.
"""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from pathlib import Path

from hpcctl.awsconfig import AwsConfig
from hpcctl.config import Config, Profile, load_config, load_profiles, refused
from hpcctl.errors import ConfigError
from hpcctl.nearest import did_you_mean
from hpcctl.spec.model import S3, SANDBOX, Cloud

AWS = "aws"


def profile_name(chosen: str | None, environ: Mapping[str, str]) -> str:
    """The name of the profile to use: the option, then ``HPCCTL_PROFILE``, then ``aws``."""
    return chosen or environ.get("HPCCTL_PROFILE") or AWS


def resolve(name: str, *, home: Path, environ: Mapping[str, str], region: str | None = None) -> Cloud:
    """The Cloud of a profile (not ``sandbox``). ConfigError where there is no such profile, or no region."""
    aws = AwsConfig.read(environ)
    profile = _find(name, home, aws)
    # an endpoint of one's own takes no part in AWS credentials
    aws_profile = None if profile.endpoint_url else profile.aws_profile or aws.chosen_profile
    found = region or profile.region or aws.region(aws_profile)
    return Cloud(
        profile=name,
        region=_checked_region(found, name, home),
        aws_profile=aws_profile,
        endpoint_url=profile.endpoint_url,
        node_endpoint_url=profile.node_endpoint_url or profile.endpoint_url,
        ssh_port=profile.ssh_port,
        ssh_from=profile.ssh_from,
        address_service=profile.address_service,
        boot_seconds=profile.boot_seconds,
        owner=profile.owner or login_name(),
        state=profile.state,
    )


def team_clouds(home: Path, environ: Mapping[str, str]) -> tuple[Cloud, ...]:
    """The Clouds of all profiles whose clusters are shared (``state = "s3"``); mostly none."""
    shared = [profile.name for profile in load_profiles(home) if profile.state == S3]
    return tuple(resolve(name, home=home, environ=environ) for name in shared)


def login_name() -> str:
    """Who runs this, as the machine knows them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user id without a name, as in containers
        return "unknown"


def _find(name: str, home: Path, aws: AwsConfig) -> Profile:
    profiles = {profile.name: profile for profile in load_profiles(home)}
    if name in profiles:
        return profiles[name]
    if name == AWS:
        return Profile(name=AWS)
    if name in aws.profiles:
        return Profile(name=name, aws_profile=name)
    known = (AWS, SANDBOX, *profiles, *aws.profiles)
    listing = f"the profiles are: {', '.join(dict.fromkeys(known))}"
    raise ConfigError(f"no profile is called {name!r}", hint=did_you_mean(name, known, otherwise=listing))


def _checked_region(region: str | None, profile: str, home: Path) -> str:
    if not region:
        raise ConfigError(
            f"no region is set for the profile {profile!r}",
            hint=f'use --region, set AWS_REGION, or put region = "…" into {home / "config.hcl"}',
        )
    if not REGION.fullmatch(region):
        raise ConfigError(f"{region!r} is not the name of a region", hint="such as us-east-1 or eu-central-1")
    return region
