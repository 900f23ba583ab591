"""The Python API against the sandbox's API: made as far as it gets without machines, seen, and taken away."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcctl import Cluster
from hpcctl.errors import HpcctlError, UnknownCluster

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform]


class FarEnough(HpcctlError):
    """Machines would have to answer now."""


def test_a_temporary_cluster_goes_away_whatever_happens(
    sandbox_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, ...]] = []

    def told(line: str) -> None:
        if line == "wait for ssh":
            cluster = Cluster("trial", home=sandbox_home)
            seen.append((cluster.state, *(host.name for host in cluster.hosts)))
            raise FarEnough("no machines here")

    monkeypatch.setenv("HPCCTL_PROFILE", "sandbox")
    monkeypatch.setenv("HOME", str(tmp_path))
    with (
        pytest.raises(FarEnough),
        Cluster.temporary("trial", nodes=2, type="c5.xlarge", share=4, progress=told, home=sandbox_home),
    ):
        raise AssertionError("it has no machines")
    assert seen == [("creating", "head", "node001")]
    assert (tmp_path / ".ssh" / "config").exists(), "ssh is told of clusters as the command line does it"
    with pytest.raises(UnknownCluster):
        Cluster("trial", home=sandbox_home)
