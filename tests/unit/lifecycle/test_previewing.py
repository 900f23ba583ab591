"""A limit for the price."""

from __future__ import annotations

import pytest

from hpcctl.errors import SpecError
from hpcctl.lifecycle.previewing import Preview, require_affordable
from hpcctl.lifecycle.quoting import Charge, Quote
from tests.unit.records import CLOUD, FACTS, SPEC


def seen(usd_hour: float | None, *, copies: int = 1) -> Preview:
    charges = (
        Charge(what="head", amount="1", usd_hour=usd_hour),
        Charge(what="/share", amount="50 GB", usd_month=73.0),
    )
    return Preview(
        spec=SPEC,
        cloud=CLOUD,
        facts=FACTS,
        quote=Quote(charges=charges, bucket_usd=None, day="2026-01-02"),
        copies=copies,
    )


def test_disks_count_and_so_do_copies() -> None:
    require_affordable(seen(0.9), 1.0)
    require_affordable(seen(0.9, copies=3), 3.0)
    with pytest.raises(SpecError, match="more than the limit"):
        require_affordable(seen(0.91), 1.0)
    with pytest.raises(SpecError, match=r"\$3.000 an hour"):
        require_affordable(seen(0.9, copies=3), 2.9)


def test_an_unknown_price_is_above_every_limit_and_below_none() -> None:
    require_affordable(seen(None), None)
    with pytest.raises(SpecError, match="not known"):
        require_affordable(seen(None), 100.0)
