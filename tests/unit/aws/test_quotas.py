"""Which quota a type counts against."""

from __future__ import annotations

import pytest

from hpcctl.aws.quotas import VcpuQuota, names_family, quota_family, quota_key


@pytest.mark.parametrize(
    ("kind", "family"),
    [
        ("c5.xlarge", "standard"),
        ("m7i-flex.large", "standard"),
        ("t3.micro", "standard"),
        ("hpc7a.96xlarge", "hpc"),
        ("g5.xlarge", "g"),
        ("p4d.24xlarge", "p"),
        ("inf2.xlarge", "inf"),
        ("trn1.2xlarge", "trn"),
        ("x2idn.16xlarge", "x"),
        ("u-6tb1.metal", "u"),
        ("dl1.24xlarge", "dl"),
    ],
)
def test_types_belong_to_families(kind: str, family: str) -> None:
    assert quota_family(kind) == family


@pytest.mark.parametrize(
    ("name", "family", "fits"),
    [
        ("Running On-Demand G and VT instances", "g", True),
        ("Running On-Demand G and VT instances", "vt", True),
        ("Running On-Demand HPC instances", "hpc", True),
        ("Running On-Demand P instances", "p", True),
        ("Running On-Demand High Memory instances", "u", True),
        ("Running On-Demand High Memory instances", "hpc", False),
        ("Running Dedicated p4d Hosts", "p", False),
        ("All P Spot Instance Requests", "p", False),
        ("EC2-VPC Elastic IPs", "p", False),
    ],
)
def test_quotas_name_families(name: str, family: str, fits: bool) -> None:
    assert names_family(name, family) is fits


def test_a_quota_below_what_runs_has_nothing_free() -> None:
    assert VcpuQuota(name="x", limit=4, used=9).free == 0


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("c5.xlarge", "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests"),
        ("g5.xlarge", "All G and VT Spot Instance Requests"),
        ("vt1.3xlarge", "All G and VT Spot Instance Requests"),
        ("p4d.24xlarge", "All P4, P3 and P2 Spot Instance Requests"),
        ("p5.48xlarge", "All P5 Spot Instance Requests"),
        ("p6-b200.48xlarge", None),
        ("hpc7a.96xlarge", None),
    ],
)
def test_spot_instances_have_quotas_of_their_own(kind: str, name: str | None) -> None:
    there = (
        "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
        "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests",
        "All G and VT Spot Instance Requests",
        "All P4, P3 and P2 Spot Instance Requests",
        "All P5 Spot Instance Requests",
    )
    family, spot = quota_key(kind, spot=True)
    named = {"standard": "c"}.get(family, family)
    assert [each for each in there if names_family(each, named, spot=spot)] == ([name] if name else [])
