"""The one door to the sandbox, which an installation may lack: for the command line and the Python API."""

from __future__ import annotations

import importlib
from typing import Any

from hpcctl.errors import UsageError


def sandbox_package() -> Any:
    """The package ``hpcctl.sandbox``. UsageError where it, or what it stands on, is not installed."""
    try:
        return importlib.import_module("hpcctl.sandbox")
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the sandbox is not installed ({error.name} is missing)", hint="pip install 'hpcctl[sandbox]'"
        ) from error
