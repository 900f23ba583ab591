"""The machine image: made once of Debian's packages, kept under the hash of all that goes into it."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hpcctl.errors import SandboxError
from hpcctl.resources import data_folder
from hpcctl.sandbox.machines.host import program, require_space
from hpcctl.sandbox.machines.mirror import SUITE, Mirror, configured_mirror
from hpcctl.sandbox.machines.qemu import Kernel

_RECIPE = "3"
"""Raised when this module makes something else of the same templates."""

_SPACE_GIB = 5
_INSIDE = "/tmp/image"
_KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_FIRST_PACKAGES = "systemd-sysv,udev,linux-image-cloud-amd64,initramfs-tools,ca-certificates,lz4,cloud-init"
_LEFT_OUT = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*")
_STEPS = {
    "packages": "installs SSH, NFS, SGE, Open MPI, s3fs and compilers",
    "system": "sets up the system",
    "disk": "writes the disk",
}


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image: a folder with kernel, initrd and root disk."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root.raw"

    @property
    def version(self) -> str:
        return self.folder.name

    def boot(self, words: str) -> Kernel:
        """The kernel with these words on its command line."""
        return Kernel(kernel=self.folder / "kernel", initrd=self.folder / "initrd", words=words)

    def size_bytes(self) -> int:
        """What it takes on the disk, saved boots included."""
        return sum(path.stat().st_blocks * 512 for path in self.folder.rglob("*") if path.is_file())


class Images:
    """The images of one home."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "sandbox" / "images"

    def current(self) -> Image:
        """The image that this version of hpcctl uses, whether it is made or not."""
        return Image(folder=self._folder / recipe_hash(data_folder("templates") / "image"))

    def images(self) -> tuple[Image, ...]:
        """All images that are made."""
        if not self._folder.is_dir():
            return ()
        return tuple(
            Image(folder=path) for path in sorted(self._folder.iterdir()) if (path / "root.raw").is_file()
        )

    def prune(self, *, everything: bool = False) -> tuple[str, ...]:
        """Remove images of other versions, or all; their names. No machine may run on them."""
        keep = "" if everything else self.current().version
        gone = tuple(image for image in self.images() if image.version != keep)
        for image in gone:
            shutil.rmtree(image.folder)
        return tuple(image.version for image in gone)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Held while an image or a saved boot is looked for or made: one process makes it, the others wait."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._sweep()
            yield

    def ensure(self, say: Callable[[str], None]) -> Image:
        """The current image, made if it is missing. The caller holds the lock."""
        image = self.current()
        if image.root.is_file():
            return image
        require_space(self._folder, _SPACE_GIB, purpose="making the machine image")
        _require_means()
        work = Path(tempfile.mkdtemp(prefix=".new-", dir=self._folder))
        try:
            _build(work, configured_mirror(), say)
            work.rename(image.folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return image

    def sweep(self) -> None:
        """Remove what a build that was killed has left, unless one is under way."""
        if not self._folder.is_dir():
            return
        with (self._folder / ".lock").open("w") as file, contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._sweep()

    def _sweep(self) -> None:
        for left_over in (*self._folder.glob(".new-*"), *self._folder.glob("*/.boot-*")):
            shutil.rmtree(left_over, ignore_errors=True)


def recipe_hash(folder: Path) -> str:
    """The hash of everything that goes into an image."""
    digest = hashlib.sha256("\0".join((_RECIPE, SUITE, _FIRST_PACKAGES, *_LEFT_OUT)).encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"\0{path.relative_to(folder)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def bootstrap_words(mirror: Mirror, *, recipe: Path, descriptor: int, root: bool) -> list[str]:
    """The command line of mmdebstrap. The recipe is copied in first: in a user namespace nothing else can be read."""
    return [
        *(
            program("mmdebstrap"),
            f"--mode={'root' if root else 'unshare'}",
            "--format=null",
            "--variant=minbase",
        ),
        f"--include={_FIRST_PACKAGES}",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT),
        '--aptopt=Acquire::Languages "none";',
        *(f"--aptopt={option}" for option in mirror.options),
        *(f"--keyring={path}" for path in mirror.keyrings),
        f'--essential-hook=mkdir -p "$1"{_INSIDE}',
        f"--essential-hook=sync-in {shlex.quote(str(recipe))} {_INSIDE}",
        f'--essential-hook=sh "$1"{_INSIDE}/sandbox/prepare.sh "$1"',
        f'--customize-hook=bash "$1"{_INSIDE}/sandbox/bake.sh "$1" {descriptor}',
        *(SUITE, "/dev/null", *mirror.lines),
    ]


def _require_means() -> None:
    """Fail before the work where mmdebstrap would in the middle of it."""
    if os.getuid() != 0:
        program("newuidmap")
    if not _KEYS.is_file():
        raise SandboxError(
            f"the keys of Debian's package archive are not here ({_KEYS})",
            hint="on Ubuntu and Debian: apt-get install debian-archive-keyring",
        )


def _build(work: Path, mirror: Mirror, say: Callable[[str], None]) -> None:
    """Make kernel, initrd and root disk in the folder ``work``."""
    say("downloads Debian 12 (once; about two minutes in all)")
    recipe = _assemble(work / "recipe", mirror)
    reader, writer = os.pipe()
    with subprocess.Popen(["tar", "--no-same-owner", "-C", str(work), "-xf", "-"], stdin=reader) as unpack:
        os.close(reader)
        try:
            words = bootstrap_words(mirror, recipe=recipe, descriptor=writer, root=os.getuid() == 0)
            _bootstrap(words, writer, say)
        finally:
            os.close(writer)
    if unpack.returncode != 0 or not (work / "root.raw").is_file():
        raise SandboxError(
            "the machine image could not be unpacked", hint="is the disk full? then run it again"
        )
    shutil.rmtree(recipe)


def _assemble(recipe: Path, mirror: Mirror) -> Path:
    """One folder with all that the new system is made with: scripts, keys of the mirror, trusted certificates."""
    shutil.copytree(data_folder("templates") / "image", recipe)
    (recipe / "keyrings").mkdir()
    for path in mirror.keyrings:
        shutil.copy(path, recipe / "keyrings")
    if _CERTIFICATES.is_file():
        shutil.copy(_CERTIFICATES, recipe / "ca.crt")
    return recipe


def _bootstrap(words: list[str], descriptor: int, say: Callable[[str], None]) -> None:
    """Run mmdebstrap; its messages tell how far it is, and the last of them what went wrong.

    Should the caller die, mmdebstrap is told to stop, and removes what it has unpacked.
    """
    tail: list[str] = []
    # Not /tmp, which is memory on many systems, and this is two gigabytes.
    environment = {"TMPDIR": "/var/tmp", **os.environ}
    with subprocess.Popen(
        [program("setpriv"), "--pdeathsig", "TERM", "--", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=(descriptor,),
        text=True,
        errors="replace",
        env=environment,
    ) as tool:
        assert tool.stderr is not None
        for line in tool.stderr:
            tail = [*tail[-30:], line.strip()]
            if line.startswith("step: "):
                say(_STEPS[line.removeprefix("step: ").strip()])
    if tool.returncode != 0:
        errors = [line for line in tail if not line.startswith(("I:", "step:"))][-4:]
        raise SandboxError(
            f"the machine image could not be made: {'; '.join(errors)}",
            hint="Debian's packages come from the mirror of this machine's apt; HPCCTL_DEBIAN_MIRROR names another one",
        )
