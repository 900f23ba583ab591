"""``$HPCCTL_HOME/config.hcl``: the profiles that the user wrote::

profile "lab" {
  region   = "eu-central-1"
  ssh_from = "203.0.113.0/24"

  defaults {
    tags = { project = "wing" }
  }
}

default_profile = "lab"

What may stand there is in ``spec.schema.profile``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from hpcctl.errors import ConfigError, Problem
from hpcctl.spec.model import LOCAL

if TYPE_CHECKING:
    from hpcctl.spec.document.model import Located, Section
    from hpcctl.spec.schema.model import Body

FILE = "config.hcl"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One ``profile`` block as it was written; ``defaults`` lie under every cluster file."""

    name: str
    region: str | None = None
    aws_profile: str | None = None
    role_arn: str | None = None
    endpoint_url: str | None = None
    node_endpoint_url: str | None = None
    ssh_port: int = 22
    owner: str | None = None
    ssh_from: tuple[str, ...] = ()
    address_service: str | None = None
    boot_seconds: int = 900
    state: str = LOCAL
    defaults: Section | None = None


@dataclass(frozen=True, kw_only=True)
class Config:
    """The whole file. ``default`` is the profile that is used where none is named, and where that is written."""

    profiles: tuple[Profile, ...] = ()
    default: Located | None = None

    @property
    def default_profile(self) -> str | None:
        """The name that ``default`` stands for."""
        return str(self.default.value) if self.default else None


def load_profiles(home: Path) -> tuple[Profile, ...]:
    """The profiles of config.hcl; none without the file. ConfigError as ``load_config``."""
    return load_config(home).profiles


def load_config(home: Path) -> Config:
    """What config.hcl says; nothing without the file. ConfigError tells every mistake with its place."""
    path = home / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(
            f"{path} cannot be read: {reason}", hint="it must be a text file in UTF-8"
        ) from error
    return parse_config(str(path), text)


def refused(problems: Sequence[Problem]) -> ConfigError:
    """All mistakes of a file as one error."""
    told = "; ".join(f"{problem.where}: {problem.what}" for problem in problems)
    return ConfigError(told, hint=problems[0].hint, problems=problems)


@lru_cache(maxsize=4)  # one command asks for it several times
def parse_config(path: str, text: str) -> Config:
    """What a text says; ``path`` is how it is called in problems. ConfigError with all of them."""
    from hpcctl.spec.document.loading import in_order, read_section
    from hpcctl.spec.schema.checking import understood
    from hpcctl.spec.schema.profile import CONFIG

    reading = read_section(path, text)
    body, wrong = understood(reading.section, CONFIG)
    problems = in_order((*reading.problems, *wrong))
    if problems:
        raise refused(problems)
    entry = body.entry("default_profile")
    return Config(profiles=tuple(map(_profile, body.all("profile"))), default=entry.at if entry else None)


def _profile(body: Body) -> Profile:
    defaults = next(iter(body.all("defaults")), None)
    return Profile(
        name=body.label,
        region=body.text("region"),
        aws_profile=body.text("aws_profile"),
        role_arn=body.text("role_arn"),
        endpoint_url=body.text("endpoint_url"),
        node_endpoint_url=body.text("node_endpoint_url"),
        ssh_port=body.whole("ssh_port") or 22,
        owner=body.text("owner"),
        ssh_from=body.texts("ssh_from"),
        address_service=body.text("address_service"),
        boot_seconds=body.whole("boot_seconds") or 900,
        state=body.text("state") or LOCAL,
        defaults=replace(defaults.section, kind="cluster") if defaults else None,
    )
