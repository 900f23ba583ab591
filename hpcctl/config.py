"""``$HPCCTL_HOME/config.hcl``: the profiles that the user wrote::

profile "lab" {
  region   = "eu-central-1"
  ssh_from = "203.0.113.0/24"
}
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from hpcctl.errors import ConfigError
from hpcctl.nearest import did_you_mean
from hpcctl.spec.model import BOOT_SECONDS, LOCAL, S3

SANDBOX = "sandbox"

REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d+")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One ``profile`` block as it was written."""

    name: str
    region: str | None = None
    aws_profile: str | None = None
    endpoint_url: str | None = None
    node_endpoint_url: str | None = None
    ssh_port: int = 22
    owner: str | None = None
    ssh_from: str | None = None
    address_service: str | None = None
    boot_seconds: int = 900
    state: str = LOCAL


_NUMBERS = ("ssh_port", "boot_seconds")
_KEYS = tuple(field.name for field in fields(Profile) if field.name != "name")


def load_profiles(home: Path) -> tuple[Profile, ...]:
    """The profiles of config.hcl; none without the file. ConfigError names the file, the line and the key."""
    path = home / "config.hcl"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(
            f"{path} cannot be read: {reason}", hint="it must be a text file in UTF-8"
        ) from error
    return _profiles(path, text, _parsed(path, text))


def _parsed(path: Path, text: str) -> dict[str, Any]:
    import hcl2
    from lark.exceptions import LarkError

    options = hcl2.SerializationOptions(strip_string_quotes=True)
    try:
        parsed: dict[str, Any] = hcl2.loads(text, serialization_options=options)
    except LarkError as error:
        line = getattr(error, "line", None)
        where = f"{path}:{line}" if isinstance(line, int) and line > 0 else str(path)
        raise ConfigError(
            f"{where}: this is not HCL",
            hint='the file holds blocks such as: profile "lab" { region = "us-east-1" }',
        ) from error
    return parsed


def _profiles(path: Path, text: str, data: Mapping[str, Any]) -> tuple[Profile, ...]:
    for key in data:
        if key not in ("profile", "__comments__"):
            raise ConfigError(
                f"{_place(path, text, key)}: {key!r} is not known",
                hint='only profile "NAME" { … } blocks may stand here',
            )
    found: dict[str, Profile] = {}
    blocks = data.get("profile", ())
    for block in blocks if isinstance(blocks, list) else [blocks]:
        profile = _profile(path, text, block)
        if profile.name in found:
            raise ConfigError(f"{path}: the profile {profile.name!r} is there twice", hint="remove one")
        found[profile.name] = profile
    return tuple(found.values())


def _profile(path: Path, text: str, block: Any) -> Profile:
    labels = [key for key in block if not key.startswith("__")] if isinstance(block, dict) else []
    body = block[labels[0]] if len(labels) == 1 else None
    if not isinstance(body, dict) or any(isinstance(value, dict) for value in body.values()):
        raise ConfigError(f"{path}: a profile needs one name", hint='such as: profile "lab" { … }')
    name = labels[0]
    values = {key: value for key, value in body.items() if not key.startswith("__")}
    for key, value in values.items():
        _check(f"{_place(path, text, name, key)}: profile {name!r}", key, value)
    if name == SANDBOX:
        where = _place(path, text, name)
        raise ConfigError(f"{where}: the name {name!r} is taken by the sandbox", hint="choose another name")
    return Profile(name=name, **values)


def _place(path: Path, text: str, *words: str) -> str:
    """file:line of the first line with the last word, after a line with each of the words before it."""
    number, lines = 0, text.splitlines()
    for word in words:
        wanted = re.compile(rf'(?<![\w"]){re.escape(word)}(?!\w)|"{re.escape(word)}"')
        number = next((n for n in range(number, len(lines)) if wanted.search(lines[n])), number)
    return f"{path}:{number + 1}"


def _check(where: str, key: str, value: object) -> None:
    if key not in _KEYS:
        listing = f"the keys are: {', '.join(_KEYS)}"
        raise ConfigError(f"{where}: {key!r} is not known", hint=did_you_mean(key, _KEYS, otherwise=listing))
    expected: type = int if key in _NUMBERS else str
    if type(value) is not expected or "${" in str(value):
        kind = "a whole number" if expected is int else "a plain string"
        raise ConfigError(f"{where}: {key} must be {kind}", hint=f"such as: {_EXAMPLES[key]}")
    valid = _VALID.get(key)
    if valid and not valid(value):
        raise ConfigError(f"{where}: {key} cannot be {value!r}", hint=f"such as: {_EXAMPLES[key]}")


def _is_network(value: Any) -> bool:
    try:
        return ipaddress.ip_network(value, strict=False).version == 4
    except ValueError:
        return False


def _is_url(value: Any) -> bool:
    return bool(re.fullmatch(r"https?://[^\s/]+(?:/\S*)?", value))


_VALID: dict[str, Callable[[Any], bool]] = {
    "ssh_port": lambda value: 1 <= value <= 65535,
    "boot_seconds": lambda value: BOOT_SECONDS[0] <= value <= BOOT_SECONDS[1],
    "ssh_from": _is_network,
    "endpoint_url": _is_url,
    "node_endpoint_url": _is_url,
    "address_service": _is_url,
    "region": lambda value: bool(REGION.fullmatch(value)),
    "state": lambda value: value in (LOCAL, S3),
}
_EXAMPLES = {
    "region": 'region = "eu-central-1"',
    "aws_profile": 'aws_profile = "research"',
    "endpoint_url": 'endpoint_url = "http://127.0.0.1:5000"',
    "node_endpoint_url": 'node_endpoint_url = "http://10.0.0.2:5000"',
    "ssh_port": "ssh_port = 22",
    "boot_seconds": "boot_seconds = 900",
    "owner": 'owner = "alice"',
    "ssh_from": 'ssh_from = "203.0.113.0/24"',
    "address_service": 'address_service = "https://checkip.amazonaws.com"',
    "state": 'state = "s3" (shared, in a bucket) or state = "local"',
}
