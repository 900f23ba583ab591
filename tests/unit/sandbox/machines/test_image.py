from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hpcctl.errors import SandboxError
from hpcctl.resources import data_folder
from hpcctl.sandbox.machines import image as image_module
from hpcctl.sandbox.machines.image import Images, bootstrap_words, recipe_hash
from hpcctl.sandbox.machines.mirror import Mirror


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    return Path(shutil.copytree(data_folder("templates") / "image", tmp_path / "recipe"))


def test_recipe_hash_follows_every_file_and_its_name(recipe: Path) -> None:
    before = recipe_hash(recipe)
    assert recipe_hash(recipe) == before
    script = recipe / "install.sh"
    script.write_text(script.read_text() + "# more\n")
    after = recipe_hash(recipe)
    (recipe / "sandbox" / "lib.sh").rename(recipe / "sandbox" / "lib2.sh")
    assert len({before, after, recipe_hash(recipe)}) == 3


def _made(images: Images, home: Path, name: str) -> Path:
    folder = home / "sandbox" / "images" / name
    folder.mkdir(parents=True)
    (folder / "root.raw").write_bytes(b"x" * 5000)
    return folder


def test_prune_keeps_the_current_image_only(tmp_path: Path) -> None:
    images = Images(tmp_path)
    current = images.current().version
    _made(images, tmp_path, "old")
    _made(images, tmp_path, current)
    assert {image.version for image in images.images()} == {"old", current}
    assert images.prune() == ("old",)
    assert [image.version for image in images.images()] == [current]
    assert images.images()[0].size_bytes() >= 5000
    assert images.prune(everything=True) == (current,)
    assert images.images() == ()


def test_ensure_with_the_image_there_makes_nothing(tmp_path: Path, monkeypatch) -> None:
    images = Images(tmp_path)
    _made(images, tmp_path, images.current().version)
    monkeypatch.setattr(image_module, "_build", None)
    with images.lock():
        assert images.ensure(lambda text: None) == images.current()


def test_ensure_when_the_build_fails_leaves_nothing(tmp_path: Path, monkeypatch) -> None:
    def fail(work: Path, *_: object) -> None:
        (work / "root.raw").touch()
        raise SandboxError("no mirror")

    monkeypatch.setattr(image_module, "_build", fail)
    monkeypatch.setattr(image_module, "_require_means", lambda: None)
    images = Images(tmp_path)
    with images.lock(), pytest.raises(SandboxError, match="no mirror"):
        images.ensure(lambda text: None)
    assert [path.name for path in (tmp_path / "sandbox" / "images").iterdir()] == [".lock"]


def test_lock_sweeps_what_a_killed_build_has_left(tmp_path: Path) -> None:
    images = Images(tmp_path)
    folder = _made(images, tmp_path, "0123")
    for left_over in (folder.parent / ".new-abc", folder / ".boot-abc"):
        left_over.mkdir()
    with images.lock():
        assert sorted(path.name for path in folder.parent.iterdir()) == [".lock", "0123"]
        assert [path.name for path in folder.iterdir()] == ["root.raw"]


def test_sweep_spares_a_build_that_is_under_way(tmp_path: Path) -> None:
    images = Images(tmp_path)
    images.sweep()
    with images.lock():
        under_way = tmp_path / "sandbox" / "images" / ".new-abc"
        under_way.mkdir()
        images.sweep()
        assert under_way.exists()
    images.sweep()
    assert not under_way.exists()


def test_ensure_without_space_says_how_much_is_needed(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(image_module, "_SPACE_GIB", 10**9)
    images = Images(tmp_path)
    with images.lock(), pytest.raises(SandboxError, match="GiB free"):
        images.ensure(lambda text: None)


def test_bootstrap_words_carry_mirror_keys_and_options(monkeypatch) -> None:
    monkeypatch.setattr(image_module, "program", lambda name: f"/bin/{name}")
    mirror = Mirror(
        lines=("deb http://m.test bookworm main",), keyrings=(Path("/k.gpg"),), options=('A::Proxy "x";',)
    )
    words = bootstrap_words(mirror, recipe=Path("/a b/recipe"), descriptor=7, root=False)
    assert words[0] == "/bin/mmdebstrap"
    assert words[-3:] == ["bookworm", "/dev/null", "deb http://m.test bookworm main"]
    assert {"--mode=unshare", "--keyring=/k.gpg", '--aptopt=A::Proxy "x";'} < set(words)
    assert "--essential-hook=sync-in '/a b/recipe' /tmp/image" in words
    assert any(word.endswith('bake.sh "$1" 7') for word in words)
    assert "--mode=root" in bootstrap_words(Mirror(), recipe=Path("/r"), descriptor=7, root=True)


def test_require_means_names_the_package_with_debians_keys(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(image_module, "program", lambda name: name)
    monkeypatch.setattr(image_module, "_KEYS", tmp_path / "keys.gpg")
    with pytest.raises(SandboxError) as caught:
        image_module._require_means()
    assert "debian-archive-keyring" in caught.value.hint
