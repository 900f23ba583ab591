"""Which worker runs what: by file, but for folders that share something dear."""

from __future__ import annotations

import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/machines/", "tests/unit/aws/")
"""Each on one worker: machines need the processors, and the tests of AWS a process that is moto."""
_MIB_EACH = 1500
"""A worker's sandbox, its Terraform and the AWS provider; the worker on machines has three of them."""


class Scheduler(LoadScopeScheduling):
    """Hands out files in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in TOGETHER if file.startswith(folder)), file)


def workers() -> int:
    """For ``-n auto``: one for the machines, which need all processors, and for each processor one whose tests wait."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (_MIB_EACH << 20)
    return max(2, min(len(os.sched_getaffinity(0)) + 1, memory - 1, 8))
