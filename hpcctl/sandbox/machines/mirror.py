"""Where Debian's packages come from: the mirror that this machine's own apt uses. No host is written here."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

SUITE = "bookworm"
SETTING = "HPCCTL_DEBIAN_MIRROR"
_CARRIED_OPTIONS = re.compile(r"^Acquire::(?:https?|Check-|AllowInsecure|Proxy)[^ ]* ", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Source:
    """One line of an apt configuration: where, which release, which parts, and how it is trusted."""

    uri: str
    suite: str
    components: tuple[str, ...]
    keyring: str | None = None
    trusted: bool = False


@dataclass(frozen=True, kw_only=True)
class Mirror:
    """Sources for the image (none: the tool's own default), keyrings to trust, and apt options to carry over."""

    lines: tuple[str, ...] = ()
    keyrings: tuple[Path, ...] = ()
    options: tuple[str, ...] = ()


def configured_mirror(etc: Path = Path("/etc")) -> Mirror:
    """What the setting says, else what this machine's apt is configured with, else nothing."""
    options = _apt_options()
    setting = os.environ.get(SETTING, "").strip()
    if setting:
        lines = (f"deb {setting} {SUITE} main", f"deb {setting} {SUITE}-updates main")
        return Mirror(lines=lines, options=options)
    release = _os_release(etc / "os-release")
    if release.get("ID") != "debian":
        return Mirror(options=options)
    return mirror_from(
        read_sources(etc / "apt"), codename=release.get("VERSION_CODENAME", SUITE), options=options
    )


def mirror_from(sources: tuple[Source, ...], *, codename: str, options: tuple[str, ...] = ()) -> Mirror:
    """The same mirrors for the image's release: archive, updates and security as far as this machine has them."""
    lines: list[str] = []
    keyrings: list[Path] = []
    if not any(source.suite == codename for source in sources):
        return Mirror(options=options)
    for source in sources:
        matched = re.fullmatch(rf"{re.escape(codename)}(|-updates|-security|/updates)", source.suite)
        if matched is None or "main" not in source.components:
            continue
        kind = matched[1].replace("/", "-") if "security" not in source.uri else "-security"
        trust = "[trusted=yes] " if source.trusted else ""
        lines.append(f"deb {trust}{source.uri} {SUITE}{kind} main")
        if source.keyring is not None:
            keyrings.append(Path(source.keyring))
    return Mirror(lines=tuple(dict.fromkeys(lines)), keyrings=tuple(dict.fromkeys(keyrings)), options=options)


def read_sources(apt: Path) -> tuple[Source, ...]:
    """All sources of an apt configuration, in both of its formats."""
    folder = apt / "sources.list.d"
    old = [apt / "sources.list", *sorted(folder.glob("*.list"))]
    found = [source for path in old for source in parse_list(_text(path))]
    found += [source for path in sorted(folder.glob("*.sources")) for source in parse_deb822(_text(path))]
    return tuple(found)


def parse_list(text: str) -> tuple[Source, ...]:
    """Sources in the format of one line each."""
    pattern = re.compile(
        r"^deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<parts>[^#\n]+)", re.M
    )
    found = []
    for line in pattern.finditer(text):
        options = dict(word.split("=", 1) for word in (line["options"] or "").split() if "=" in word)
        found.append(
            Source(
                uri=line["uri"],
                suite=line["suite"],
                components=tuple(line["parts"].split()),
                keyring=_keyring(options.get("signed-by")),
                trusted=options.get("trusted") == "yes",
            )
        )
    return tuple(found)


def parse_deb822(text: str) -> tuple[Source, ...]:
    """Sources in the format of stanzas."""
    text = re.sub(r"^#.*\n?", "", text, flags=re.M)
    found: list[Source] = []
    for stanza in re.split(r"\n\s*\n", text):
        fields = {
            name.lower(): value.strip()
            for name, value in re.findall(r"^([A-Za-z-]+):((?:.*)(?:\n[ \t].*)*)", stanza, flags=re.M)
        }
        enabled = fields.get("enabled", "yes").lower() not in {"no", "false", "0"}
        if not enabled or "deb" not in fields.get("types", "").split():
            continue
        found += [
            Source(
                uri=uri,
                suite=suite,
                components=tuple(fields.get("components", "").split()),
                keyring=_keyring(fields.get("signed-by")),
                trusted=fields.get("trusted", "").lower() == "yes",
            )
            for uri in fields.get("uris", "").split()
            for suite in fields.get("suites", "").split()
        ]
    return tuple(found)


def _keyring(value: str | None) -> str | None:
    """A path; keys written into the configuration itself are left to Debian's own keyring."""
    return value if value is not None and value.startswith("/") and "\n" not in value else None


def _apt_options() -> tuple[str, ...]:
    """Proxies and certificates of this machine's apt."""
    try:
        dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ()
    return tuple(
        line for line in dump.splitlines() if _CARRIED_OPTIONS.match(line) and not line.endswith('"";')
    )


def _os_release(path: Path) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in _text(path).splitlines() if "=" in line)
    return {name: value.strip('"') for name, value in pairs}


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
