"""An AWS that does not know yet what it has just made: the provider takes that for a failure, and it is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hpcctl.errors import TerraformError
from hpcctl.lifecycle.context import Context

T = TypeVar("T")

ATTEMPTS = 3
_NOT_FOUND = ".NotFound"
_NOT_FOUND_BY_PROVIDER = "couldn't find resource"


def patiently(first: Callable[[], T], again: Callable[[], T], context: Context) -> T:
    """What ``first`` returns, or ``again`` after it failed because something was not found that was made."""
    make = first
    for _ in range(ATTEMPTS - 1):
        try:
            return make()
        except TerraformError as error:
            if not lagged(error):
                raise
            context.progress.note("AWS did not know yet what it had made; once more")
            make = again
    return make()


def lagged(error: TerraformError) -> bool:
    """Was something not found? What never existed will not be found the next time either, and cost little."""
    return any(code.endswith(_NOT_FOUND) for code in error.codes) or _NOT_FOUND_BY_PROVIDER in error.message
