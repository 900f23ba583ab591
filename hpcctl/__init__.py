"""hpcctl: a working HPC cluster from one command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hpcctl.api import Cluster, HostState, Result

__version__ = "0.1.0"
__all__ = ["Cluster", "HostState", "Result", "__version__"]


def __getattr__(name: str) -> Any:
    """The Python API, imported when it is used: every run of the command line begins here."""
    if name in __all__:
        from hpcctl import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
