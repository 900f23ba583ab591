"""What ``make package`` builds, installed where nothing of this folder can be seen."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import hpcctl

pytestmark = pytest.mark.sandbox  # the last test starts one; to build takes too long for `make quick`
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with both: the wheel is made from the sdist, as by whoever gets only that."""
    folder = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)], folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def bin_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel; what it depends on is that of the present one."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q"]
    run([*pip, "--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)], folder)
    site = run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], folder).strip()
    Path(site, "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return folder / "bin"


def run(words: list[str], folder: Path) -> str:
    """Standard output of a program that must succeed; in ``folder``, so that this one is not seen."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HPCCTL"))}
    done = subprocess.run(
        words,
        cwd=folder,
        env={**clean, "HPCCTL_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def data_files() -> Iterator[str]:
    """All that must travel, without what Terraform leaves in a folder."""
    for name in ("terraform", "templates"):
        for path in (ROOT / name).rglob("*"):
            relative = path.relative_to(ROOT)
            if path.is_file() and not any(part.startswith(".terraform") for part in relative.parts):
                yield relative.as_posix()


def test_the_wheel_has_the_modules_and_the_templates(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"hpcctl/_data/{name}" for name in data_files()} <= names
    assert not [name for name in names if ".terraform/" in name or "tfstate" in name]
    assert not [name for name in names if name.startswith(("tests/", "bench/"))]


def test_the_sdist_has_all_that_its_makefile_needs(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = ("Makefile", "scripts/venv.sh", "examples/demo.sh", "tests/test_package.py", "bench/__main__.py")
    assert {*wanted, "LICENSE", "docs/architecture.md", *data_files()} <= names


def test_the_command_works(bin_folder: Path, tmp_path: Path) -> None:
    program = str(bin_folder / "hpcctl")
    assert run([program, "--version"], tmp_path).startswith(f"hpcctl {hpcctl.__version__}\n")
    assert "NAME [NODES] [TYPE] [SHARE_GB]" in run([program, "create", "--help"], tmp_path)
    assert "--no-machines" in run([program, "sandbox", "up", "--help"], tmp_path)
    assert run([program, "list", "--json"], tmp_path).strip() == "[]"


def test_its_data_are_its_own(bin_folder: Path, tmp_path: Path) -> None:
    script = (
        "from hpcctl.resources import data_folder; print(data_folder('terraform'), data_folder('templates'))"
    )
    for shown in run([str(bin_folder / "python"), "-c", script], tmp_path).split():
        assert Path(shown).is_dir()
        assert Path(shown).is_relative_to(bin_folder.parent)


def test_a_sandbox_starts_from_it(bin_folder: Path, tmp_path: Path) -> None:
    program = str(bin_folder / "hpcctl")
    try:
        assert "http://127.0.0.1:" in run([program, "sandbox", "up", "--no-machines"], tmp_path)
    finally:
        run([program, "sandbox", "down"], tmp_path)
