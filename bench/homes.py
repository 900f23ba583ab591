"""hpcctl with a home and a user's folder of its own, which are gone afterwards, the sandbox in them included."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bench.programs import Done, run
from hpcctl.home import home_folder
from hpcctl.terraform.binary import find_binary
from hpcctl.terraform.mirror import SETTING, find_mirror

TYPE = "c5.xlarge"
SHARE_GIB = "4"
_DROPPED = ("AWS_", "HPCCTL_", "MOTO_")


@dataclass(frozen=True, kw_only=True)
class Driver:
    """The command line in a home of its own. ``folder`` holds that home and the user's folder."""

    folder: Path

    @property
    def home(self) -> Path:
        """$HPCCTL_HOME."""
        return self.folder / "hpcctl"

    @property
    def environment(self) -> dict[str, str]:
        """The user's environment, but for what says where things are."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)}
        return {
            **kept,
            **tools(),
            "HPCCTL_HOME": str(self.home),
            "HOME": str(self.folder / "user"),
            "NO_COLOR": "1",
        }

    def __call__(self, *words: str) -> Done:
        """Run hpcctl."""
        return run([*hpcctl(), *words], self.environment)

    def python(self, *words: str) -> Done:
        """Run a Python module with the same environment."""
        return run([sys.executable, "-m", *words], self.environment)


def hpcctl() -> list[str]:
    """The program as a user starts it."""
    script = Path(sys.executable).with_name("hpcctl")
    return [str(script)] if script.is_file() else [sys.executable, "-m", "hpcctl"]


@contextmanager
def driver(*, own_images: bool = False) -> Iterator[Driver]:
    """A driver; its machine images are the user's own ones, unless it is to make them."""
    folder = Path(tempfile.mkdtemp(prefix="hpcctl-bench-"))
    made = Driver(folder=folder)
    try:
        (folder / "user").mkdir()
        (made.home / "sandbox").mkdir(parents=True, mode=0o700)
        if not own_images:
            (made.home / "sandbox" / "images").symlink_to(_images())
        yield made
    finally:
        _remove(made)


def _remove(made: Driver) -> None:
    """Nothing stays behind, however often Ctrl-C is pressed."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        made("sandbox", "down")
    finally:
        shutil.rmtree(made.folder, ignore_errors=True)
        signal.signal(signal.SIGINT, before)


def _images() -> Path:
    images = home_folder(os.environ) / "sandbox" / "images"
    images.mkdir(mode=0o700, parents=True, exist_ok=True)
    return images.resolve()


@lru_cache(maxsize=1)
def tools() -> dict[str, str]:
    """Settings that name the Terraform and the provider of the user's own home, for who does not see that folder.

    Raises TerraformError where there is none.
    """
    own = home_folder(os.environ)
    binary = find_binary(own)
    mirror = find_mirror(binary.registry)
    settings, cache = Path.home() / ".terraformrc", own / "terraform" / "plugins"
    return {
        "HPCCTL_TERRAFORM": str(binary.path),
        **({SETTING: str(mirror)} if mirror else {}),
        **({"TF_CLI_CONFIG_FILE": str(settings)} if settings.is_file() else {}),
        **({"TF_PLUGIN_CACHE_DIR": str(cache)} if not mirror and cache.is_dir() else {}),
    }
