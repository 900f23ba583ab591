"""Checks as data: a name and a function; all of them run side by side, and each comes to one finding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum

from hpcctl.errors import HpcctlError, SpecError


class Result(str, Enum):
    """How a check ended. A warning stops nothing."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a check saw, and what to do about it."""

    result: Result
    text: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Check:
    """Something to look at. ``look`` may raise an HpcctlError: that is a problem, in its own words."""

    name: str
    look: Callable[[], Finding]


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A check and its finding."""

    name: str
    finding: Finding


def ok(text: str) -> Finding:
    """As it should be."""
    return Finding(result=Result.OK, text=text)


def warning(text: str, hint: str = "") -> Finding:
    """Worth knowing."""
    return Finding(result=Result.WARNING, text=text, hint=hint)


def problem(text: str, hint: str = "") -> Finding:
    """In the way."""
    return Finding(result=Result.PROBLEM, text=text, hint=hint)


def run_checks(checks: Sequence[Check]) -> tuple[Checked, ...]:
    """All findings, in the order of the checks."""
    with ThreadPoolExecutor(8) as pool:
        findings = pool.map(_look, checks)
        return tuple(
            Checked(name=check.name, finding=finding) for check, finding in zip(checks, findings, strict=True)
        )


def _look(check: Check) -> Finding:
    try:
        return check.look()
    except SpecError as error:
        first = error.problems[0]
        return problem(first.what, first.hint)
    except HpcctlError as error:
        return problem(error.message, error.hint)
    except OSError as error:
        return problem(f"{error.filename or check.name}: {error.strerror or error}")
