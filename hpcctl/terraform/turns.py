"""How many Terraforms of this process run at once: as many as the memory holds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

EACH_MIB = 600
"""What Terraform and the AWS provider take together (docs/benchmarks.md), with some room."""

MOST = 8
GLANCE_SECONDS = 0.2


def turns_for(available_mib: int) -> int:
    """How many fit; one always may."""
    return max(1, min(MOST, available_mib // EACH_MIB))


@contextmanager
def turn() -> Iterator[None]:
    """Wait until there is room, and keep it. Ctrl-C is heard meanwhile."""
    places = _places()
    while not places.acquire(timeout=GLANCE_SECONDS):
        continue
    try:
        yield
    finally:
        places.release()


@lru_cache(maxsize=1)
def _places() -> threading.Semaphore:
    return threading.Semaphore(turns_for(_available_mib()))


def _available_mib() -> int:
    """By the kernel's own account; where it gives none, two of them are thought to fit."""
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1]) // 1024
    return 2 * EACH_MIB
