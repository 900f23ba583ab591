"""``init`` once for folders of one shape, again when something that it depends on has changed."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hpcctl.terraform.initialise import LOCK_FILE, shared_data


class Init:
    """Stands for ``terraform init``: links a provider, writes the lock file, counts."""

    def __init__(self, folder: Path, provider: Path) -> None:
        self.folder, self.provider, self.runs = folder, provider, 0
        provider.mkdir(exist_ok=True)

    def __call__(self, data: Path) -> None:
        self.runs += 1
        (data / "providers").mkdir(parents=True)
        (data / "providers" / "aws").symlink_to(self.provider)
        (self.folder / LOCK_FILE).write_text("locked\n")


@pytest.fixture
def init(folder: Path, tmp_path: Path) -> Init:
    return Init(folder, tmp_path / "provider")


def _another(folder: Path) -> Path:
    return Path(shutil.copytree(folder, folder.with_name("another")))


def test_shared_data_when_two_folders_are_alike_then_one_init(
    init: Init, folder: Path, tmp_path: Path
) -> None:
    other = _another(folder)
    (other / "endpoint_override.tf").write_text("provider {}\n")
    (other / "terraform.tfvars.json").write_text("{}\n")
    first = shared_data(tmp_path / "h", folder, identity="1", init=init)
    assert shared_data(tmp_path / "h", other, identity="1", init=init) == first
    assert init.runs == 1
    assert (other / LOCK_FILE).read_text() == "locked\n"


def test_shared_data_when_the_configuration_or_the_program_differs_then_another_init(
    init: Init, folder: Path, tmp_path: Path
) -> None:
    first = shared_data(tmp_path / "h", folder, identity="1", init=init)
    second = shared_data(tmp_path / "h", folder, identity="2", init=init)
    (folder / "main.tf").write_text("terraform {} # newer\n")
    third = shared_data(tmp_path / "h", folder, identity="2", init=init)
    assert len({first, second, third}) == init.runs == 3


def test_shared_data_when_the_provider_is_gone_then_init_again(
    init: Init, folder: Path, tmp_path: Path
) -> None:
    shared_data(tmp_path / "h", folder, identity="1", init=init)
    init.provider.rmdir()
    init.provider = tmp_path / "moved"
    init.provider.mkdir()
    data = shared_data(tmp_path / "h", folder, identity="1", init=init)
    assert init.runs == 2
    assert (data / "providers" / "aws").is_dir()


def test_shared_data_when_init_fails_then_nothing_is_left_and_the_next_one_tries_again(
    init: Init, folder: Path, tmp_path: Path
) -> None:
    def fails(data: Path) -> None:
        (data / "providers").mkdir(parents=True)
        raise RuntimeError("no network")

    with pytest.raises(RuntimeError):
        shared_data(tmp_path / "h", folder, identity="1", init=fails)
    assert list((tmp_path / "h/terraform/data").iterdir()) == []
    shared_data(tmp_path / "h", folder, identity="1", init=init)
    assert init.runs == 1


def test_shared_data_when_several_begin_at_once_then_one_init(
    init: Init, folder: Path, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = {
            pool.submit(shared_data, tmp_path / "h", folder, identity="1", init=init) for _ in range(8)
        }
    assert len({result.result() for result in results}) == 1
    assert init.runs == 1


@pytest.mark.fault(
    "kill -9 of hpcctl", "the very first terraform init", "the next one begins anew and leaves nothing behind"
)
def test_shared_data_when_an_earlier_init_was_killed_then_its_remains_go(
    init: Init, folder: Path, tmp_path: Path
) -> None:
    remains = tmp_path / "h/terraform/data/.new-killed/data/providers"
    remains.mkdir(parents=True)
    (remains / "half").touch()
    data = shared_data(tmp_path / "h", folder, identity="1", init=init)
    assert list((tmp_path / "h/terraform/data").iterdir()) == [data.parent]
