"""The schedulers there are: one module here for each, found by its name."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hpcctl.schedulers.base import Scheduler

_SHARED = {"base"}


def names() -> tuple[str, ...]:
    """What a cluster may ask for, in alphabetical order. No scheduler is imported for it."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if module.name not in _SHARED))


def scheduler(name: str) -> Scheduler:
    """The one of this name, which is one of ``names``: the ``SCHEDULER`` of its module."""
    found: Scheduler = import_module(f"{__name__}.{name}").SCHEDULER
    return found
