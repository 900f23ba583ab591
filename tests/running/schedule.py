"""Which worker runs what: all tests on machines on one, since they need the processors; the others by file."""

from __future__ import annotations

import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

MACHINES = "tests/machines/"
_MIB_EACH = 1500
"""A worker's sandbox, its Terraform and the AWS provider; the worker on machines has three of them."""


class Scheduler(LoadScopeScheduling):
    """Hands out files in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return MACHINES if nodeid.startswith(MACHINES) else nodeid.partition("::")[0]


def workers() -> int:
    """For ``-n auto``: one for the machines, which need all processors, and for each processor one whose tests wait."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (_MIB_EACH << 20)
    return max(2, min(len(os.sched_getaffinity(0)) + 1, memory - 1, 8))
