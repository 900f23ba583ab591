"""The files of the AWS CLI, as far as names and regions go; credentials are left to boto3.

Read without boto3, which takes longer to import than most commands take to run.
"""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hpcctl.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class AwsConfig:
    """The names of the profiles with their regions, and what the environment chooses.

    ``chosen_profile`` is kept with a cluster, so that it is found again when the environment has changed.
    """

    regions: Mapping[str, str | None]
    chosen_profile: str | None
    chosen_region: str | None

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> AwsConfig:
        """From ``~/.aws`` (or where AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE point) and AWS_…"""
        home = Path.home() / ".aws"
        config = _sections(Path(environ.get("AWS_CONFIG_FILE") or home / "config").expanduser())
        secrets = _sections(
            Path(environ.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials").expanduser()
        )
        names = {section.removeprefix("profile ").strip(): region for section, region in config.items()}
        keys_given = "AWS_ACCESS_KEY_ID" in environ
        return cls(
            regions={**dict.fromkeys(secrets), **names},
            chosen_profile=None if keys_given else environ.get("AWS_PROFILE") or None,
            chosen_region=environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or None,
        )

    @property
    def profiles(self) -> tuple[str, ...]:
        """The names of all profiles."""
        return tuple(name for name in self.regions if not name.startswith(("sso-session ", "services ")))

    def region(self, profile: str | None) -> str | None:
        """The region of the environment, else that of the profile."""
        return self.chosen_region or self.regions.get(profile or "default")


def _sections(path: Path) -> dict[str, str | None]:
    """{section: its region}; empty without the file."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(
            f"{path} cannot be understood: {reason}", hint="check it with: aws configure list"
        ) from error
    except OSError:
        return {}
    return {section: parser.get(section, "region", fallback=None) for section in parser.sections()}
