"""``~/.ssh/config`` gets one line and is otherwise left as it was."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hpcctl.errors import StateError
from hpcctl.sshfiles import drop_stale_includes, ensure_include, include_line, taken_names

OURS = Path("/tmp/ssh_config")  # a folder that is there
LINE = b'Include "/tmp/ssh_config"\n'
GONE = b'Include "/no/such/home/ssh_config"\n'
THEIRS = b"# mine\r\nHost old\n\tUser \xff\n  Port 22"


def test_a_missing_file_is_made_private(tmp_path: Path) -> None:
    folder = tmp_path / ".ssh"
    assert ensure_include(OURS, ssh_folder=folder)
    config = folder / "config"
    assert config.read_bytes() == LINE
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_line_comes_first_and_the_rest_is_untouched(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_bytes(THEIRS)
    config.chmod(0o640)
    assert ensure_include(OURS, ssh_folder=tmp_path)
    assert config.read_bytes() == LINE + THEIRS
    assert stat.S_IMODE(config.stat().st_mode) == 0o640
    assert not ensure_include(OURS, ssh_folder=tmp_path)
    assert config.read_bytes() == LINE + THEIRS


def test_lines_of_homes_that_are_gone_are_dropped(tmp_path: Path) -> None:
    config = tmp_path / "config"
    kept = b'Include ~/work/*.conf\nInclude "/no/such/other"\n'
    config.write_bytes(GONE + LINE + kept + GONE + THEIRS)
    assert ensure_include(OURS, ssh_folder=tmp_path)
    assert config.read_bytes() == LINE + kept + THEIRS
    config.write_bytes(GONE + kept + GONE)
    assert drop_stale_includes(tmp_path) == 2
    assert config.read_bytes() == kept
    assert drop_stale_includes(tmp_path) == 0
    assert drop_stale_includes(tmp_path / "none") == 0


def test_a_line_inside_a_host_block_does_not_count(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_bytes(b"Host x\n" + LINE)
    assert ensure_include(OURS, ssh_folder=tmp_path)
    assert config.read_bytes() == LINE + b"Host x\n" + LINE


def test_a_symlink_stays_one(tmp_path: Path) -> None:
    target = tmp_path / "dotfiles" / "ssh"
    target.parent.mkdir()
    target.write_bytes(THEIRS)
    config = tmp_path / "config"
    config.symlink_to(target)
    assert ensure_include(OURS, ssh_folder=tmp_path)
    assert config.is_symlink()
    assert target.read_bytes() == LINE + THEIRS


def test_a_read_only_file_is_left_alone_and_the_line_is_told(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_bytes(THEIRS)
    config.chmod(0o400)
    with pytest.raises(StateError) as caught:
        ensure_include(OURS, ssh_folder=tmp_path)
    assert include_line(OURS) in caught.value.hint
    assert config.read_bytes() == THEIRS


@pytest.mark.parametrize("target", ["config", "missing/elsewhere"])
def test_a_symlink_that_leads_nowhere_is_an_error_with_the_line(tmp_path: Path, target: str) -> None:
    (tmp_path / "config").symlink_to(target)
    with pytest.raises(StateError, match="cannot be changed"):
        ensure_include(OURS, ssh_folder=tmp_path)


def test_names_that_the_user_already_has_are_found(tmp_path: Path) -> None:
    (tmp_path / "config").write_text('Host=web demo\nhost "demo-head" # x\nMatch host demo-node001\n Host "')
    assert taken_names(("demo", "demo-head", "demo-node001"), ssh_folder=tmp_path) == ("demo", "demo-head")
    assert taken_names(("demo",), ssh_folder=tmp_path / "none") == ()
