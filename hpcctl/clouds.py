"""From the name of a profile to the Cloud that it stands for.

``aws`` is built in (AWS with the standard credential chain), the profiles of config.hcl come next, then
those of the AWS CLI. ``sandbox`` is resolved by the command line, which alone knows of it.
"""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hpcctl.awsconfig import AwsConfig
from hpcctl.config import Config, Profile, load_config, load_profiles, refused
from hpcctl.errors import ConfigError
from hpcctl.nearest import did_you_mean
from hpcctl.spec.model import S3, SANDBOX, Cloud

if TYPE_CHECKING:
    from hpcctl.spec.document.model import Section

AWS = "aws"


def profile_name(chosen: str | None, environ: Mapping[str, str], *, home: Path) -> str:
    """The name of the profile to use: the option, ``HPCCTL_PROFILE``, ``default_profile`` of config.hcl, ``aws``."""
    return chosen or environ.get("HPCCTL_PROFILE") or load_config(home).default_profile or AWS


def defaults_of(name: str, *, home: Path) -> Section | None:
    """The ``defaults`` of a profile, to lie under every cluster file; ``None`` if it has none."""
    return next((profile.defaults for profile in load_profiles(home) if profile.name == name), None)


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
        role_arn=profile.role_arn,
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
    config = load_config(home)
    profiles = {profile.name: profile for profile in config.profiles}
    if name in profiles:
        return profiles[name]
    if name == AWS:
        return Profile(name=AWS)
    if name in aws.profiles:
        return Profile(name=name, aws_profile=name)
    raise _unknown(name, config, (AWS, SANDBOX, *profiles, *aws.profiles))


def _unknown(name: str, config: Config, known: Sequence[str]) -> ConfigError:
    from hpcctl.spec.document.model import problem_at

    listing = f"the profiles are: {', '.join(dict.fromkeys(known))}"
    what, hint = f"no profile is called {name!r}", did_you_mean(name, known, otherwise=listing)
    if config.default and config.default_profile == name:
        return refused([problem_at(config.default.span, what, hint)])
    return ConfigError(what, hint=hint)


def _checked_region(region: str | None, profile: str, home: Path) -> str:
    from hpcctl.spec.schema import kinds
    from hpcctl.spec.schema.model import Unfit

    if not region:
        raise ConfigError(
            f"no region is set for the profile {profile!r}",
            hint=f'use --region, set AWS_REGION, or put region = "…" into {home / "config.hcl"}',
        )
    try:
        kinds.REGION.read(region)
    except Unfit as unfit:
        raise ConfigError(str(unfit), hint=f"expected {kinds.REGION.expected}") from unfit
    return region
