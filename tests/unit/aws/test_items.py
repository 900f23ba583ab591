"""What a volume costs beside its size."""

from __future__ import annotations

from hpcctl.aws.items import Part, volume, volume_parts


def amounts(parts: tuple[Part, ...]) -> dict[str, float]:
    return {part.item.usage: part.amount for part in parts}


def test_what_is_free_costs_nothing() -> None:
    assert amounts(volume_parts("gp3", 50)) == {"EBS:VolumeUsage.gp3": 50}
    assert amounts(volume_parts("gp3", 50, iops=3000, throughput=125)) == {"EBS:VolumeUsage.gp3": 50}
    assert amounts(volume_parts("st1", 500)) == {"EBS:VolumeUsage.st1": 500}


def test_of_gp3_what_is_above_costs() -> None:
    assert amounts(volume_parts("gp3", 50, iops=6000, throughput=637)) == {
        "EBS:VolumeUsage.gp3": 50,
        "EBS:VolumeP-IOPS.gp3": 3000,
        "EBS:VolumeP-Throughput.gp3": 0.5,  # AWS counts GiB/s
    }


def test_of_io1_all_iops_cost() -> None:
    assert amounts(volume_parts("io1", 10, iops=100)) == {
        "EBS:VolumeUsage.piops": 10,
        "EBS:VolumeP-IOPS.piops": 100,
    }


def test_of_io2_they_get_cheaper_in_steps() -> None:
    assert amounts(volume_parts("io2", 10, iops=70_000)) == {
        "EBS:VolumeUsage.io2": 10,
        "EBS:VolumeP-IOPS.io2": 32_000,
        "EBS:VolumeP-IOPS.io2.tier2": 32_000,
        "EBS:VolumeP-IOPS.io2.tier3": 6_000,
    }
    assert len(volume_parts("io2", 10, iops=32_000)) == 2


def test_io2_is_counted_in_a_unit_of_its_own() -> None:
    assert (volume("io2").unit, volume("io1").unit) == ("GB-month", "GB-Mo")
