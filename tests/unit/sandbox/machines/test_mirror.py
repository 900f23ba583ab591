from __future__ import annotations

from pathlib import Path

from hpcctl.sandbox.machines import mirror
from hpcctl.sandbox.machines.mirror import Source, configured_mirror, mirror_from, parse_deb822, parse_list

DEB822 = """\
Types: deb
# a comment inside
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/some.gpg

Types: deb deb-src
URIs: http://mirror.test/debian-security
Suites: bookworm-security
Components: main
Trusted: yes

Enabled: no
Types: deb
URIs: http://off.test/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://source.test/debian
Suites: bookworm
Components: main
"""

LIST = """\
# deb http://commented.test/debian bookworm main
deb http://mirror.test/debian bookworm main non-free # and a remark
deb [arch=amd64 signed-by=/etc/apt/keyrings/own.gpg trusted=yes] https://own.test/debian bookworm-updates main
deb-src http://mirror.test/debian bookworm main
"""


def test_parse_deb822_takes_every_uri_and_suite_that_is_enabled() -> None:
    found = parse_deb822(DEB822)
    assert [(source.uri, source.suite) for source in found] == [
        ("http://mirror.test/debian", "bookworm"),
        ("http://mirror.test/debian", "bookworm-updates"),
        ("http://mirror.test/debian-security", "bookworm-security"),
    ]
    assert found[0].keyring == "/usr/share/keyrings/some.gpg"
    assert found[0].components == ("main", "contrib")
    assert (found[0].trusted, found[2].trusted) == (False, True)


def test_parse_deb822_when_a_key_is_written_out_then_there_is_no_keyring() -> None:
    stanza = "Types: deb\nURIs: http://m.test/\nSuites: bookworm\nComponents: main\nSigned-By:\n -----BEGIN\n .\n abc\n"
    assert parse_deb822(stanza)[0].keyring is None


def test_parse_list_reads_options_and_drops_comments() -> None:
    plain, with_options = parse_list(LIST)
    assert plain == Source(uri="http://mirror.test/debian", suite="bookworm", components=("main", "non-free"))
    assert with_options.keyring == "/etc/apt/keyrings/own.gpg"
    assert with_options.trusted


def test_mirror_from_maps_another_release_to_the_one_of_the_image() -> None:
    sources = tuple(
        Source(uri=f"http://m.test/debian{kind}", suite=f"trixie{suffix}", components=("main",))
        for kind, suffix in (("", ""), ("", "-updates"), ("-security", "-security"), ("", "-backports"))
    )
    assert mirror_from(sources, codename="trixie").lines == (
        "deb http://m.test/debian bookworm main",
        "deb http://m.test/debian bookworm-updates main",
        "deb http://m.test/debian-security bookworm-security main",
    )


def test_mirror_from_keeps_trust_and_keyrings() -> None:
    sources = (
        Source(uri="http://m.test/d", suite="bookworm", components=("main",), keyring="/k.gpg", trusted=True),
    )
    found = mirror_from(sources, codename="bookworm")
    assert found.lines == ("deb [trusted=yes] http://m.test/d bookworm main",)
    assert found.keyrings == (Path("/k.gpg"),)


def test_mirror_from_without_an_archive_of_this_release_says_nothing() -> None:
    other = (Source(uri="http://packages.test/apt", suite="stable", components=("main",)),)
    assert mirror_from(other, codename="bookworm").lines == ()


def _etc(tmp_path: Path, release: str) -> Path:
    (tmp_path / "apt" / "sources.list.d").mkdir(parents=True)
    (tmp_path / "apt" / "sources.list.d" / "debian.sources").write_text(DEB822)
    (tmp_path / "os-release").write_text(release)
    return tmp_path


def test_configured_mirror_on_debian_is_that_of_apt(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv(mirror.SETTING, raising=False)
    etc = _etc(tmp_path, 'ID=debian\nVERSION_CODENAME="bookworm"\n')
    assert configured_mirror(etc).lines[0] == "deb http://mirror.test/debian bookworm main"


def test_configured_mirror_elsewhere_is_left_to_the_tool(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv(mirror.SETTING, raising=False)
    assert configured_mirror(_etc(tmp_path, "ID=ubuntu\nVERSION_CODENAME=noble\n")).lines == ()


def test_configured_mirror_the_setting_wins(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv(mirror.SETTING, "http://mine.test/debian")
    etc = _etc(tmp_path, "ID=debian\nVERSION_CODENAME=bookworm\n")
    assert configured_mirror(etc).lines == (
        "deb http://mine.test/debian bookworm main",
        "deb http://mine.test/debian bookworm-updates main",
    )
