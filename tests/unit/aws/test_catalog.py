"""The catalog where a part of it is closed to us, and what is kept of it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.aws.catalog import Catalog, cached_type_names, catalog
from hpcctl.errors import CloudError
from hpcctl.spec.model import Cloud


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def found(moto_cloud: Cloud, home: Path) -> Catalog:
    """What moto offers, asked for once: no test can change it. ``home`` has it kept."""
    return catalog(moto_cloud, home=home)


def test_without_prices_it_has_all_the_rest_and_says_why(found: Catalog) -> None:
    """moto has no price list."""
    assert [note.partition(":")[0] for note in found.notes] == ["prices"]
    offers = {offer.name: offer for offer in found.offers}
    big = offers["c5n.18xlarge"]
    assert (big.vcpus, big.cores, big.memory_mib, big.efa, big.architecture) == (
        72,
        36,
        196608,
        True,
        "x86_64",
    )
    assert big.network == "100 Gigabit"
    assert "us-east-1a" in big.zones
    assert big.usd is None
    assert offers["g5.12xlarge"].gpus == "4 A10G"
    assert (offers["c7g.large"].architecture, offers["hpc7g.4xlarge"].spot) == ("arm64", False)


def test_it_is_kept(moto_cloud: Cloud, found: Catalog, home: Path) -> None:
    [path] = (home / "cache").iterdir()
    written = path.stat().st_mtime_ns
    assert catalog(moto_cloud, home=home) == found
    assert path.stat().st_mtime_ns == written
    assert path.stat().st_mode & 0o077 == 0
    assert cached_type_names(home) == tuple(sorted(offer.name for offer in found.offers))
    assert "c5.xlarge" in cached_type_names(home)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"asked": 1, "content": {}}', '{"asked": "2026-01-01", "content": 1}']
)
def test_what_is_damaged_is_asked_for_anew(
    moto_cloud: Cloud, found: Catalog, home: Path, tmp_path: Path, content: str
) -> None:
    shutil.copytree(home / "cache", tmp_path / "cache")
    [path] = (tmp_path / "cache").iterdir()
    path.write_text(content)
    assert cached_type_names(tmp_path) == ()
    assert catalog(moto_cloud, home=tmp_path) == found
    assert cached_type_names(tmp_path) == cached_type_names(home)


def test_without_a_cloud_there_is_none(tmp_path: Path, moto_cloud: Cloud) -> None:
    with pytest.raises(CloudError):
        catalog(replace(moto_cloud, endpoint_url="http://127.0.0.1:9"), home=tmp_path)
    assert cached_type_names(tmp_path) == ()
