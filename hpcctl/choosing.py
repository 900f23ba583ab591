"""The Cloud of the profile that was chosen, the sandbox's included: for the command line and the Python API."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hpcctl.clouds import profile_name, resolve
from hpcctl.errors import UsageError
from hpcctl.progress import Progress
from hpcctl.spec.model import SANDBOX, Cloud


def chosen_cloud(
    home: Path,
    *,
    profile: str | None,
    region: str | None,
    environ: Mapping[str, str],
    progress: Progress | None,
) -> Cloud:
    """The Cloud of a profile (None: as the environment says). With a ``progress`` the sandbox is started if need be.

    Raises ConfigError, UsageError, and UnreachableError where the sandbox is down and may not be started.
    """
    for option, value in (("--profile", profile), ("--region", region)):
        if value is not None and not value.strip():
            raise UsageError(
                f"{option} is empty", hint="is a variable of your shell not set? leave the option out"
            )
    name = profile_name(profile, environ, home=home)
    if name == SANDBOX:
        return _sandbox(home, region, progress)
    return resolve(name, home=home, environ=environ, region=region)


def _sandbox(home: Path, region: str | None, progress: Progress | None) -> Cloud:
    from hpcctl.optional import sandbox_package

    sandbox = sandbox_package()
    if progress is not None:
        sandbox.ensure_up(home, progress=progress)
    cloud: Cloud = sandbox.cloud(home)
    if region and region != cloud.region:
        raise UsageError(
            f"the sandbox is in {cloud.region}, not in {region}",
            hint=f"leave --region out; --region {cloud.region} wins over what a file says",
        )
    return cloud
