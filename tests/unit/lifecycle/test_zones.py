"""Which refusals another zone may cure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.errors import CloudError, TerraformError
from hpcctl.lifecycle import zones
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.zones import in_some_zone, why_elsewhere
from hpcctl.state import ClusterRecord, Phase
from hpcctl.workspace import Workspace
from tests.unit.records import FACTS, RECORD
from tests.unit.test_adopting import Notes


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("InsufficientInstanceCapacity", "no capacity (InsufficientInstanceCapacity)"),
        ("Unsupported", "the type is not offered there (Unsupported)"),
        ("InsufficientFreeAddressesInSubnet", "no free addresses (InsufficientFreeAddressesInSubnet)"),
        ("SpotMaxPriceTooLow", "spot capacity costs more than the limit (SpotMaxPriceTooLow)"),
        ("VcpuLimitExceeded", ""),
        ("MaxSpotInstanceCountExceeded", ""),
        ("UnauthorizedOperation", ""),
    ],
)
def test_why_when_a_zone_refuses_then_the_reason_and_nothing_for_what_is_the_same_everywhere(
    code: str, reason: str
) -> None:
    assert why_elsewhere(TerraformError("no", codes=("Other", code))) == reason


@pytest.fixture
def quiet(tmp_path: Path) -> Context:
    return Context(home=tmp_path, progress=Notes())


def _full(record: ClusterRecord) -> ClusterRecord:
    raise TerraformError("no", codes=("InsufficientInstanceCapacity",))


def test_zone_when_the_user_named_it_then_no_other_is_tried_and_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, quiet: Context
) -> None:
    undone: list[str] = []
    monkeypatch.setattr(zones, "undo", lambda workspace, record, context: undone.append(record.spec.name))
    record = replace(RECORD, phase=Phase.CREATING, spec=replace(RECORD.spec, zones=(FACTS.zone,)))
    workspace = Workspace(home=tmp_path, name="demo")
    workspace.save(record)
    with pytest.raises(CloudError) as caught:
        in_some_zone(workspace, record, quiet, _full)
    assert f"{FACTS.zone}: no capacity" in caught.value.message
    assert "leave --zone out" in caught.value.hint
    assert undone == ["demo"]
    assert not workspace.path.exists()


def test_zone_when_the_cluster_was_ready_once_then_it_is_not_moved(tmp_path: Path, quiet: Context) -> None:
    record = replace(RECORD, phase=Phase.DEGRADED)
    workspace = Workspace(home=tmp_path, name="demo")
    workspace.save(record)
    with pytest.raises(TerraformError):
        in_some_zone(workspace, record, quiet, _full)
    assert workspace.load() == record
