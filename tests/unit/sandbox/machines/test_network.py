from __future__ import annotations

from pathlib import Path

import pytest

from hpcctl.errors import SandboxError
from hpcctl.sandbox.machines.network import make_private, runtime_folder

LONGEST_SOCKET = "vpc-0123456789abcdef0/sock/.1234567-00001"


@pytest.mark.parametrize("runtime", ["", "/run/user/1000", "/" + "x" * 200])
def test_runtime_folder_is_short_whatever_the_home(tmp_path: Path, monkeypatch, runtime: str) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
    homes = [tmp_path / ("long" * 40), tmp_path / "other"]
    folders = [runtime_folder(home) for home in homes]
    assert len(set(folders)) == 2
    assert all(len(f"{folder}/{LONGEST_SOCKET}") < 108 for folder in folders)
    assert runtime_folder(homes[0]) == folders[0]


def test_make_private_refuses_a_folder_that_others_can_enter(tmp_path: Path) -> None:
    make_private(tmp_path / "mine")
    make_private(tmp_path / "mine")
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(SandboxError, match="private"):
        make_private(tmp_path / "open")


def test_make_private_refuses_a_link(tmp_path: Path) -> None:
    make_private(tmp_path / "mine")
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    with pytest.raises(SandboxError, match="private"):
        make_private(tmp_path / "link")
