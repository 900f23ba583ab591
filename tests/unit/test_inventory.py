"""What Terraform reports, whichever hpcctl wrote its folder."""

from __future__ import annotations

from hpcctl.inventory import Inventory
from tests.unit.records import INVENTORY


def test_the_folder_of_an_earlier_cluster_tells_the_same() -> None:
    now = INVENTORY.to_json()
    then = {
        "hosts": [{key: value for key, value in host.items() if key != "group"} for host in now["hosts"]],
        "share_volume_id": INVENTORY.share_volume_id,
    }
    assert Inventory.from_json(then) == Inventory.from_json(now) == INVENTORY
