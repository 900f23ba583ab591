"""The catalog where a part of it is closed to us, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.aws.catalog import cached_type_names, catalog
from hpcctl.errors import CloudError
from hpcctl.spec.model import Cloud


def test_without_prices_it_has_all_the_rest_and_says_why(cloud: Cloud, tmp_path: Path) -> None:
    """moto has no price list."""
    found = catalog(cloud, home=tmp_path)
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


def test_it_is_kept(cloud: Cloud, tmp_path: Path) -> None:
    first = catalog(cloud, home=tmp_path)
    [path] = (tmp_path / "cache").iterdir()
    written = path.stat().st_mtime_ns
    assert catalog(cloud, home=tmp_path) == first
    assert path.stat().st_mtime_ns == written
    assert path.stat().st_mode & 0o077 == 0
    assert cached_type_names(tmp_path) == tuple(sorted(offer.name for offer in first.offers))
    assert "c5.xlarge" in cached_type_names(tmp_path)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"asked": 1, "content": {}}', '{"asked": "2026-01-01", "content": 1}']
)
def test_what_is_damaged_is_asked_for_anew(cloud: Cloud, tmp_path: Path, content: str) -> None:
    first = catalog(cloud, home=tmp_path)
    [path] = (tmp_path / "cache").iterdir()
    path.write_text(content)
    assert cached_type_names(tmp_path) == ()
    assert catalog(cloud, home=tmp_path) == first


def test_without_a_cloud_there_is_none(tmp_path: Path, cloud: Cloud) -> None:
    with pytest.raises(CloudError):
        catalog(replace(cloud, endpoint_url="http://127.0.0.1:9"), home=tmp_path)
    assert cached_type_names(tmp_path) == ()
