"""Which refusals another zone may cure."""

from __future__ import annotations

import pytest

from hpcctl.errors import TerraformError
from hpcctl.lifecycle.zones import why_elsewhere


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("InsufficientInstanceCapacity", "no capacity (InsufficientInstanceCapacity)"),
        ("Unsupported", "the type is not offered there (Unsupported)"),
        ("InsufficientFreeAddressesInSubnet", "no free addresses (InsufficientFreeAddressesInSubnet)"),
        ("VcpuLimitExceeded", ""),
        ("MaxSpotInstanceCountExceeded", ""),
        ("UnauthorizedOperation", ""),
    ],
)
def test_why_when_a_zone_refuses_then_the_reason_and_nothing_for_what_is_the_same_everywhere(
    code: str, reason: str
) -> None:
    assert why_elsewhere(TerraformError("no", codes=("Other", code))) == reason
