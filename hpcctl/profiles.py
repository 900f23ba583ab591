"""All profiles that can be chosen here, and how one of them becomes the default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hpcctl.awsconfig import AwsConfig
from hpcctl.clouds import AWS, profile_name
from hpcctl.config import FILE, Config, load_config, parse_config
from hpcctl.errors import ConfigError
from hpcctl.files import PRIVATE_FILE, private_folder, write_atomically
from hpcctl.nearest import did_you_mean
from hpcctl.spec.model import LOCAL, SANDBOX

BUILT_IN = "built in"
AWS_CLI = "AWS CLI"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One profile: where it is written, and what it says by itself; nothing is asked of anybody."""

    name: str
    source: str
    chosen: bool
    region: str | None = None
    aws_profile: str | None = None
    role_arn: str | None = None
    endpoint_url: str | None = None
    state: str = LOCAL


def choices(home: Path, environ: Mapping[str, str], *, chosen: str | None = None) -> tuple[Choice, ...]:
    """All profiles: the built-in ones, those of config.hcl, those of the AWS CLI. ConfigError as ``load_config``."""
    config, aws = load_config(home), AwsConfig.read(environ)
    used = profile_name(chosen, environ, home=home)
    found: dict[str, Choice] = {}
    for choice in _all(config, aws, used):
        found.setdefault(choice.name, choice)
    return tuple(found.values())


def use(name: str, *, home: Path, environ: Mapping[str, str]) -> Path:
    """Write ``default_profile`` into config.hcl, where everything else stays as it is; the file's path.

    ConfigError if there is no such profile.
    """
    known = [choice.name for choice in choices(home, environ)]
    if name not in known:
        listing = f"the profiles are: {', '.join(known)}"
        raise ConfigError(f"no profile is called {name!r}", hint=did_you_mean(name, known, otherwise=listing))
    path = (home / FILE).resolve()  # it may be a link into somebody's dotfiles
    exists = path.exists()
    text = path.read_bytes().decode("utf-8") if exists else ""
    changed = with_default(text, name, load_config(home))
    if parse_config(str(path), changed).default_profile != name:
        raise ConfigError(
            f"{path} cannot be changed safely", hint=f'write default_profile = "{name}" yourself'
        )
    private_folder(path.parent)
    write_atomically(path, changed, mode=path.stat().st_mode & 0o777 if exists else PRIVATE_FILE)
    return home / FILE


def with_default(text: str, name: str, config: Config) -> str:
    """The text of config.hcl with another ``default_profile``; a new one goes to the top."""
    if config.default is None or isinstance(config.default.span, str):
        mark = "\ufeff" if text.startswith("\ufeff") else ""
        end = "\r\n" if "\r\n" in text else "\n"
        rest = text.removeprefix(mark)
        return f"{mark}default_profile = {_literal(name)}{end}{end if rest else ''}{rest}"
    span = config.default.span
    lines = text.split("\n")
    shift = 1 if span.line == 1 and text.startswith("\ufeff") else 0  # which the parser does not count
    line = lines[span.line - 1]
    start, end_column = span.column - 1 + shift, span.end_column - 1 + shift
    lines[span.line - 1] = f"{line[:start]}{_literal(name)}{line[end_column:]}"
    return "\n".join(lines)


def _literal(name: str) -> str:
    """The name as HCL; the parser wants a brace at the end of what ``$${`` and ``%%{`` begin, and a name has none."""
    from hpcctl.templating import quote_hcl

    return quote_hcl(name).replace("$${", "\\u0024{").replace("%%{", "\\u0025{")


def _all(config: Config, aws: AwsConfig, used: str) -> Iterator[Choice]:
    for profile in config.profiles:
        aws_profile = None if profile.endpoint_url else profile.aws_profile or aws.chosen_profile
        yield Choice(
            name=profile.name,
            source=FILE,
            chosen=profile.name == used,
            region=profile.region or aws.region(aws_profile),
            aws_profile=aws_profile,
            role_arn=profile.role_arn,
            endpoint_url=profile.endpoint_url,
            state=profile.state,
        )
    yield Choice(
        name=AWS,
        source=BUILT_IN,
        chosen=used == AWS,
        region=aws.region(aws.chosen_profile),
        aws_profile=aws.chosen_profile,
    )
    yield Choice(name=SANDBOX, source=BUILT_IN, chosen=used == SANDBOX)
    for name in aws.profiles:
        yield Choice(
            name=name, source=AWS_CLI, chosen=used == name, region=aws.region(name), aws_profile=name
        )
